"""The run-time verbs on a stack of which the cloud knows nothing, on the test clouds."""

from importlib import import_module
from pathlib import Path

import pytest

from mlops_iac.errors import OperationError
from mlops_iac.specs import KINDS
from mlops_iac.testing.cast import member, write_project
from tests.providers.azure_and_gcp.fixtures import Clouds, world

EVERY = (
    "departures",
    "clean",
    "contract",
    "weather",
    "trials",
    "delay",
    "tune",
    "forecast",
    "late",
    "judged",
    "trained",
    "served",
    "sentry",
    "reviewed",
    "renew",
)


def test_what_is_not_there_is_told_with_what_to_do(
    target: str, clouds: Clouds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, _ = clouds(target)
    cloud.reset()
    world(target).Shop.point(cloud, monkeypatch)
    harness = import_module(f"tests.providers.{target}.harness")
    operations = harness.verbs(cloud, write_project(tmp_path), *map(member, EVERY))

    known = operations.status()
    assert ({item.state for item in known}, {item.kind for item in known}) == ({"absent"}, {*KINDS})
    for refused, said in (
        (lambda: operations.run("clean"), "is not defined yet"),
        (lambda: operations.run("clean", parameters={"limit": 3}), "not `limit`"),
        (lambda: operations.run("late"), "is called `late`"),
        (lambda: list(operations.logs("clean")), "has not run"),
        (lambda: list(operations.logs("late")), "has no log"),
        (lambda: operations.check("late"), "no `ModelMonitor` is called `late`"),
        (lambda: operations.check("sentry"), "no endpoint `served`"),
        (lambda: list(operations.logs("sentry")), "has not checked yet"),
        (operations.records, "is not there"),
    ):
        with pytest.raises(OperationError, match=said) as raised:
            refused()
        assert raised.value.remedy
