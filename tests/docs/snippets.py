"""The code blocks of the README and of the pages a person reads."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "guides").glob("*.md")),
    *sorted((ROOT / "docs" / "concepts").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return every block in a language: the page with the block's number, and its text."""
    return [
        (f"{page.relative_to(ROOT)}#{number}", text)
        for page in PAGES
        for number, (found, text) in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")))
        if found == language
    ]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every `mlops-iac` and `make` command of a console block, as its words."""
    for place, text in blocks("console"):
        for line in text.splitlines():
            words = shlex.split(line.replace('eval "$(', "").removesuffix(')"'), comments=True)
            if words and words[0] in {"mlops-iac", "make"}:
                yield place, words
