"""The verbs on monitors, on the test clouds. Limit: a check's pipeline is played, not executed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops_iac.errors import NothingToDoError
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.verbs import monitors, versions
from tests.providers.azure_and_gcp.loop import Asked, Loop


def test_a_check_waits_for_something_served_then_runs_once_and_is_listed(loop: Loop) -> None:
    site = loop.site()
    with pytest.raises(NothingToDoError, match="serves no registered version"):
        monitors.check(site, "watch")
    loop.shop.serve(loop.shop.register())
    loop.define("watch", loop.shop.adapter.defining.pipeline_name(site.scope, "watch"))

    run = monitors.check(site, "watch")
    folder = loop.report(datetime.now(UTC), "data_drift")
    loop.end(run, folder=folder, metrics={"alarm": 1.0})

    ended = monitors.wait(site, run)
    assert (ended.status, ended.metrics) == ("finished", {"alarm": 1.0})
    assert ended.reports == (loop.shop.address(f"{folder}/report.json"),)
    assert [each.id for each in monitors.checks(site, "watch")] == [run.id]
    assert not monitors.is_running(site, ended)


def test_a_verdict_has_the_policy_that_waits_for_it_look_at_once(loop: Loop) -> None:
    site = loop.site()
    pipeline = loop.shop.adapter.defining.pipeline_name(site.scope, "renew")
    loop.define("renew", pipeline)
    for _ in range(2):
        loop.shop.register("pending")

    versions.approve(site, "late", 1, approver="ada", comment="first")
    assert loop.executions(pipeline) == []
    memory = f"{loop.shop.adapter.place.policy_prefix('renew')}/{STATE}"
    loop.put(memory, {"state": {"phase": "awaiting_approval"}})
    versions.reject(site, "late", 2, approver="ada", comment="worse")

    assert [run.component for run in loop.executions(pipeline)] == ["renew"]


def test_a_check_that_had_nothing_to_look_at_says_so(loop: Loop) -> None:
    site = loop.site()
    loop.shop.serve(loop.shop.register())
    loop.define("watch", loop.shop.adapter.defining.pipeline_name(site.scope, "watch"))
    run = monitors.check(site, "watch")
    loop.end(run, nothing="no traffic")

    with pytest.raises(NothingToDoError, match="no traffic"):
        monitors.wait(site, run)


def test_truth_knows_the_requests_of_the_served_version(loop: Loop, tmp_path: Path) -> None:
    loop.shop.serve(loop.shop.register())
    at = datetime.now(UTC) - timedelta(minutes=9)
    row = {"a": 1, "request_id": "mine"}
    loop.log(Asked(loop.shop.now().id, at, rows=[row], answers=[0], request="5"))
    file = tmp_path / "truth.csv"
    file.write_text("request_id,late\nmine,1\nother,0\n")

    said = monitors.truth(loop.site(), "score", file, None)

    assert (said.rows, said.unknown, said.examples) == (2, 1, ("other",))
    assert said.file.startswith(loop.shop.address("truth/score/"))
