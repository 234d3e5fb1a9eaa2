"""The pages that are read out of the code are as the code is.

Proves that matrix, kinds, command line and problem codes are up to date, in the README too. Limit:
a code that is put together in a way the reader does not know is found by its absence only.
"""

import re
from pathlib import Path

import pytest

from mlops_iac.errors import PlanError
from mlops_iac.manifest import load_manifest
from mlops_iac.planning import plan
from tools.docgen import matrix, problems
from tools.generate_docs import outdated

ROOT = Path(__file__).parents[2]
BAD_INPUTS = sorted((ROOT / "tests" / "bad_inputs").glob("*.yaml"))


def test_generated_pages_are_up_to_date() -> None:
    assert list(outdated()) == [], "run `python -m tools.generate_docs`"


def test_readme_shows_the_kinds_that_the_command_prints() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.partition(matrix.BEGIN)[2].partition(matrix.END)[0].strip().splitlines()

    assert shown == list(matrix.kind_lines())


def test_every_code_has_a_heading_and_every_heading_a_code() -> None:
    text = (ROOT / "docs" / "reference" / "problems.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^### `(.+)`$", text, re.MULTILINE)) == sorted(problems.problems())


@pytest.mark.parametrize("path", BAD_INPUTS, ids=lambda path: path.stem)
def test_codes_of_wrong_declarations_are_documented(path: Path) -> None:
    known = problems.problems()
    found = [code for code in codes_of(path) if not code.startswith("field.")]

    assert [code for code in found if code not in known] == []


def codes_of(path: Path) -> list[str]:
    """Return the codes of all problems of a declaration."""
    try:
        return [problem.code for problem in plan(load_manifest(path)).problems]
    except PlanError as error:
        return [problem.code for problem in error.problems]
