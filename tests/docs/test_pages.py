"""What the README and the guides say can be done.

Proves that commands and options exist, declarations plan without problems, Python compiles, links
inside the repository lead somewhere. Limit: that the commands do what is said is shown by
`tests/engine` and `make demo`.
"""

import re
from pathlib import Path

import pytest

from mlops_iac.errors import Severity
from mlops_iac.manifest import environments, load_manifest
from mlops_iac.planning import plan
from tests.docs.snippets import PAGES, ROOT, blocks, commands
from tools.docgen.commands import commands as known_commands

COMMANDS = list(commands())
DECLARATIONS = blocks("yaml")
README_LINES = 150
DECLARATION_LINES = 12


@pytest.mark.parametrize(("place", "words"), COMMANDS, ids=[" ".join(w)[:50] for _, w in COMMANDS])
def test_command_exists(place: str, words: list[str]) -> None:
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[1] in targets, place
        return
    known = dict(known_commands())
    path = next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in known), None)
    assert path is not None, f"{place}: `{' '.join(words)}` is no command"
    command = known[path]

    command.make_context(path, words[len(path.split()) :], resilient_parsing=False)


@pytest.mark.parametrize(("place", "text"), DECLARATIONS, ids=[place for place, _ in DECLARATIONS])
def test_declaration_plans_without_problems(place: str, text: str, tmp_path: Path) -> None:
    write_project(tmp_path, text)

    for stack in ("dev", *environments(tmp_path)):
        found = plan(load_manifest(tmp_path, stack=stack), stack=stack).problems
        assert [str(p) for p in found if p.severity is Severity.ERROR] == [], (place, stack)


@pytest.mark.parametrize(("place", "text"), blocks("python"))
def test_python_compiles(place: str, text: str) -> None:
    compile(text, place, "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]

    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_readme_is_short_and_its_declaration_shorter() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = next(text for place, text in DECLARATIONS if place.startswith("README"))

    assert len(text.splitlines()) <= README_LINES
    assert len(first.splitlines()) <= DECLARATION_LINES
    assert text.index("make demo") < text.index("make test") < text.index("```yaml")


def write_project(folder: Path, text: str) -> None:
    """Write a declaration with the files that it names."""
    (folder / "mlops.yaml").write_text(text, encoding="utf-8")
    for script in re.findall(r"script: ([\w./-]+)", text):
        (folder / script).parent.mkdir(parents=True, exist_ok=True)
        (folder / script).write_text("print('trained')\n")
    for source in re.findall(r"source: ([\w./*-]+)", text):
        file = folder / source.replace("*", "part")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a,b\n1,2\n")
