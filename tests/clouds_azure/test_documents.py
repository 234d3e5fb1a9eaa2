"""The tables of the test cloud's README.md say what the code does."""

import inspect
import re

from tests.clouds.azure import README, control, kinds
from tests.clouds.azure.parts import parts, services
from tests.clouds.azure.plugins.tables import ROWS
from tests.clouds.faults import FaultKind

_TEXT = README.read_text()


def _table(first: str) -> dict[str, list[str]]:
    """Return the table whose first column is headed so: the other cells by the first."""
    lines = _TEXT.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {first} |"))
    found: dict[str, list[str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        own, *rest = [cell.strip() for cell in line.strip("|").split("|")]
        found[own] = rest
    return found


def test_each_part_is_told() -> None:
    assert _table("subject") == {part.subject: [part.does] for part in parts()}


def test_each_route_is_told() -> None:
    told = {name: [inspect.getdoc(act)] for name, act in control.ROUTES.items()}
    assert {name.strip("`"): cells for name, cells in _table("route").items()} == told


def test_each_fault_is_told() -> None:
    found = re.search(r"Kinds of fault: (.+?)\. `service`", _TEXT, re.DOTALL)
    assert found is not None
    assert re.findall(r"`([a-z-]+)`", found.group(1)) == [one.value for one in FaultKind]


def test_each_data_plane_is_told() -> None:
    found = re.search(r"Data planes: (.+?)\.\n", _TEXT, re.DOTALL)
    assert found is not None
    assert re.findall(r"`([a-z]+)`", found.group(1)) == sorted(services())


def test_each_type_of_the_stand_in_is_played() -> None:
    """Limit: a type that is played may do more in Azure."""
    from tests.clouds.azure.ids import parse

    paths = {token: row.path.replace("{recordType}", "A") for token, row in ROWS.items()}
    missing = {token for token, path in paths.items() if kinds.find(parse(path).kind) is None}
    assert missing == set()
