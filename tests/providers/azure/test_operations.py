"""The run-time verbs on jobs, on a test cloud that executes them; the whole story is in `engine`.

Limit: what is deployed comes from a recording, not from the engine.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.operations import AzureOperations
from mlops_iac_azure.verbs import logs

from mlops_iac.specs import DataFormat, Dataset, ProcessingJob
from tests.clouds.azure.running import Cloud, cloud
from tests.providers.azure.harness import verbs
from tests.providers.azure.jobs.world import Nodes, Shop
from tests.providers.azure.world import point

pytestmark = pytest.mark.slow

ENDLESS = "import time\nprint('begun', flush=True)\ntime.sleep(300)\n"
BRIEF = "print('one')\nprint('two')\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud(work="processes") as found:
        yield found


@pytest.fixture
def shop(running: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    running.reset()
    point(running, monkeypatch)
    running.control("pace", operations=1)
    monkeypatch.setattr(logs, "_POLL_SECONDS", 0.1)
    return Shop(running, Nodes(), tmp_path)


def declared(shop: Shop, script: str) -> AzureOperations:
    """Put a job into the cloud; return the verbs of its stack."""
    shop.files = {"data/a.csv": "x,y\n1,0\n", "clean.py": script}
    components = (
        Dataset("departures", source="data/*.csv", format=DataFormat.CSV),
        ProcessingJob(
            "clean", script="clean.py", data="departures", outputs={"rows": DataFormat.CSV}
        ),
    )
    shop.declare(*components)
    return verbs(shop.cloud, shop.folder / "project", *components)


def test_a_run_is_followed_while_it_runs_and_stopped(shop: Shop) -> None:
    operations = declared(shop, ENDLESS)

    run = operations.run("clean")
    lines = operations.logs("clean", follow=True)
    assert next(line for line in lines if "begun" in line)
    assert operations.runs("clean")[0].status == "running"
    stopped = operations.stop(run)

    assert (stopped.id, stopped.status, stopped.reason) == (run.id, "stopped", None)
    assert not any("begun" in line for line in lines)
    (seen,) = [item for item in operations.status() if item.component == "clean"]
    assert (seen.state, seen.details["runs"]) == ("stopped", 1)


def test_a_key_runs_once_and_again_only_when_asked(shop: Shop) -> None:
    operations = declared(shop, BRIEF)

    first = operations.wait(operations.run("clean"))
    assert operations.run("clean").id == first.id
    second = operations.wait(operations.run("clean", again=True))

    assert {run.id for run in operations.runs("clean")} == {second.id, first.id}
    assert second.key == first.key
    told = [line for line in operations.logs("clean") if line in {"one", "two"}]
    assert told == ["one", "two"]
    kept = operations.records()
    assert {run.id for run in kept.runs} == {second.id, first.id}
    assert kept.target == "azure"


def test_a_denied_call_is_told_by_every_verb(shop: Shop) -> None:
    operations = declared(shop, BRIEF)

    for refused in (
        operations.status,
        operations.records,
        lambda: operations.run("clean"),
        lambda: operations.runs("clean"),
        lambda: list(operations.logs("clean")),
    ):
        shop.cloud.faults.ask("denied")
        with pytest.raises(AzureError) as raised:
            refused()
        assert "roles" in raised.value.remedy, raised.value.message
