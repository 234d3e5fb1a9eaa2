"""Proves that the table of variables is whole: nobody sets or reads one that it lacks.

The sources are read as text, so what is said of who sets a variable is judged by the file it
stands in: one of the provider's own, or one of the core's `jobs` that it imports from. The values
are judged by the providers' own tests.
"""

import ast
import re
from pathlib import Path

import pytest

from mlops_iac import container_contract as contract
from mlops_iac.runtime.secrets import READERS

ROOT = Path(__file__).parents[2]
CONSTANTS = {
    name: value
    for name, value in vars(contract).items()
    if isinstance(value, str) and value.startswith(contract.PREFIX) and name != "PREFIX"
}
ROWS = {row.name: row for row in contract.VARIABLES}
JOBS = "mlops_iac.jobs."
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
TARGETS = ("aws", "azure", "gcp", "local")


def sources(folder: str) -> str:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    return "\n".join(file.read_text() for file in files)


def shared(text: str) -> str:
    """Return the definitions in the core's `jobs` that these sources import, and those they use."""
    found: dict[tuple[str, str], str] = {}
    wanted = imported(ast.parse(text))
    while wanted - found.keys():
        module, name = min(wanted - found.keys())
        source = (ROOT / "mlops_iac" / "jobs" / f"{module}.py").read_text()
        tree = ast.parse(source)
        own = {node.name: node for node in tree.body if isinstance(node, DEFINITIONS)}
        node = own.get(name)
        found[module, name] = (node and ast.get_source_segment(source, node)) or ""
        used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node else set()
        wanted |= {(module, each) for each in used & own.keys()}
        wanted |= {(other, each) for other, each in imported(tree) if each in used}
    return "\n".join(found.values())


def imported(tree: ast.Module) -> set[tuple[str, str]]:
    """Return what comes from the core's `jobs`, as module and name."""
    return {
        (node.module.removeprefix(JOBS), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(JOBS)
        for alias in node.names
        if node.module
    }


def test_every_name_has_one_row() -> None:
    assert sorted(CONSTANTS.values()) == sorted(ROWS)
    assert len(ROWS) == len(contract.VARIABLES)


@pytest.mark.parametrize("folder", ["mlops_iac/runtime", *(f"providers/{t}" for t in TARGETS)])
def test_nobody_writes_a_name_by_hand(folder: str) -> None:
    # What begins with `MLOPS_IAC_` is the tool's own, and reaches no container.
    literals = set(re.findall(r"[\"']f?(MLOPS_(?!IAC_)[A-Z_]+)", sources(folder)))

    assert literals == set()


@pytest.mark.parametrize("target", TARGETS)
def test_the_table_tells_who_sets_what(target: str) -> None:
    text = sources(f"providers/{target}")
    text += shared(text)
    used = {
        value
        for name, value in CONSTANTS.items()
        if re.search(rf"contract\.{name}\b", text)
        or (name == "SECRET" and "secret_reference" in text)
    }

    assert used == {name for name, row in ROWS.items() if target in row.set_by.split(", ")}


def test_the_runtime_reads_every_one() -> None:
    text = sources("mlops_iac/runtime")

    assert {name for name in CONSTANTS if not re.search(rf"\b{name}\b", text)} == set()


@pytest.mark.parametrize("target", ["aws", "azure", "gcp"])
def test_a_clouds_secrets_have_a_reader(target: str) -> None:
    (scheme,) = re.findall(r'SECRET_SCHEME = "(.+?)"', sources(f"providers/{target}"))

    assert scheme in READERS
