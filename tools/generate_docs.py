"""Write the pages that are read out of the code: `python -m tools.generate_docs [--check]`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.docgen import (
    commands,
    conformance,
    deployer,
    deployer_azure,
    deployer_gcp,
    kinds,
    matrix,
    problems,
)

ROOT = Path(__file__).parents[1]

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/cli.md": commands.page,
    "docs/reference/conformance.md": conformance.page,
    "docs/reference/deployer-aws.md": deployer.page,
    "docs/reference/deployer-azure.md": deployer_azure.page,
    "docs/reference/deployer-gcp.md": deployer_gcp.page,
    "docs/reference/kinds.md": kinds.page,
    "docs/reference/matrix.md": matrix.page,
    "docs/reference/problems.md": problems.page,
    "README.md": lambda: matrix.readme((ROOT / "README.md").read_text(encoding="utf-8")),
}
"""Every generated file, by path from the root, and what makes it."""


def outdated() -> dict[str, str]:
    """Return the text of every page that is not as the code says."""
    made = {path: make().rstrip("\n") + "\n" for path, make in PAGES.items()}
    return {path: text for path, text in made.items() if _present(ROOT / path) != text}


def main() -> int:
    """Write what is out of date; with `--check` only say so, and fail."""
    check = "--check" in sys.argv[1:]
    found = outdated()
    for path, text in found.items():
        print(f"{path} {'is out of date' if check else 'written'}")
        if not check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
    return 1 if check and found else 0


def _present(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
