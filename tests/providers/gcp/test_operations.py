"""The run-time verbs on jobs, on a test cloud that executes them; the whole story is in `engine`.

Limit: what is deployed comes from a recording, not from the engine.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.operations import GcpOperations
from mlops_iac_gcp.verbs import logs

from mlops_iac.specs import Spec
from mlops_iac.testing.cast import member, write_project
from tests.clouds.gcp.running import Cloud, cloud
from tests.providers.gcp.harness import verbs
from tests.providers.gcp.jobs.world import Containers, Shop

pytestmark = pytest.mark.slow

ENDLESS = "import time\nprint('begun', flush=True)\ntime.sleep(300)\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud(work="processes") as found:
        yield found


@pytest.fixture
def shop(running: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    running.reset()
    monkeypatch.setattr(logs, "_POLL_SECONDS", 0.1)
    return Shop(running, Containers(), write_project(tmp_path))


def declared(shop: Shop, *components: Spec) -> GcpOperations:
    """Put the components into the cloud; return the verbs of their stack."""
    shop.declare(*components)
    shop.upload()
    return verbs(shop.cloud, shop.folder, *components)


def test_a_run_is_followed_while_it_runs_and_stopped(shop: Shop) -> None:
    (shop.folder / "process.py").write_text(ENDLESS)
    operations = declared(shop, member("departures"), member("clean"))

    run = operations.run("clean")
    lines = operations.logs("clean", follow=True)
    assert next(line for line in lines if line) == "begun"
    assert operations.runs("clean")[0].status == "running"
    stopped = operations.stop(run)

    assert (stopped.id, stopped.status, stopped.reason) == (run.id, "stopped", None)
    assert "begun" not in list(lines)
    (seen,) = [item for item in operations.status() if item.component == "clean"]
    assert (seen.state, seen.details["runs"]) == ("stopped", 1)


def test_a_key_runs_once_and_again_only_when_asked(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    operations = declared(shop, member("departures"), member("contract"))

    first = operations.wait(operations.run("contract"))
    assert (first.status, first.kind, first.ended is None) == ("finished", "DataValidation", False)
    assert "contract: succeeded" in capsys.readouterr().err.lower()
    assert operations.run("contract").id == first.id
    second = operations.wait(operations.run("contract", again=True))
    assert [run.id for run in operations.runs("contract")] == [second.id, first.id]
    assert second.key == first.key


def test_a_denied_call_is_told_by_every_verb(shop: Shop) -> None:
    operations = declared(shop, member("departures"), member("contract"), member("late"))

    for refused in (
        operations.status,
        operations.records,
        lambda: operations.run("contract"),
        lambda: operations.runs("contract"),
        lambda: operations.versions("late"),
        lambda: operations.approve("late", 1, approver="ada", comment=""),
        lambda: list(operations.logs("contract")),
    ):
        shop.cloud.faults.ask("denied")
        with pytest.raises(GcpError) as raised:
            refused()
        assert "permission" in raised.value.remedy, raised.value.message
