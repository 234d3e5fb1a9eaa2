"""The verbs on monitors, on the test cloud. Limit: a check's pipeline is played, not executed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure import place, serving
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.jobs.defining import pipeline_name
from mlops_iac_azure.verbs.site import Site

from mlops_iac.errors import NothingToDoError
from mlops_iac.provider import OperationScope
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.specs import ModelEndpoint, ModelMonitor, Pipeline, RetrainingPolicy
from mlops_iac.verbs import monitors, versions
from tests.providers.azure.loop.world import Loop


@pytest.fixture
def site(loop: Loop) -> Site:
    served: dict[str, Any] = {"model": "late@champion", "capture": {"percent": 100}}
    watched: dict[str, Any] = {"endpoint": "score", "signals": ("data_drift",)}
    steps: dict[str, Any] = {"steps": ["delay"]}
    followed: dict[str, Any] = {"monitor": "watch", "pipeline": "again"}
    scope = loop.shop.drawn(
        ModelEndpoint("score", **served),
        ModelMonitor("watch", **watched),
        Pipeline("again", **steps),
        RetrainingPolicy("renew", **followed),
    ).scopes["watch"]
    return Site(OperationScope(**vars(scope), outputs={}))


def test_a_check_waits_for_something_served_then_runs_once_and_is_listed(
    loop: Loop, site: Site
) -> None:
    with pytest.raises(NothingToDoError, match="serves no registered version"):
        monitors.check(site, "watch")
    loop.shop.serve(loop.shop.register())
    loop.define("watch", pipeline_name(site.scope, "watch"))

    run = monitors.check(site, "watch")
    until = datetime.now(UTC)
    loop.report(until, "data_drift")
    folder = f"{place.reports_prefix('watch')}/{until:%Y/%m/%d/%H-%M-%S-%f}"
    loop.put(
        place.step_report_key("watch", run.id, "watch"),
        {"step": "watch", "status": "finished", "ended": "x", "folder": folder,
         "metrics": {"alarm": 1.0}},
    )  # fmt: skip

    ended = monitors.wait(site, run)
    assert (ended.status, ended.metrics) == ("finished", {"alarm": 1.0})
    assert ended.reports == (place.uri(loop.bucket, f"{folder}/report.json"),)
    assert [each.id for each in monitors.checks(site, "watch")] == [run.id]
    assert not monitors.is_running(site, ended)


def test_a_verdict_has_the_policy_that_waits_for_it_look_at_once(loop: Loop, site: Site) -> None:
    pipeline = pipeline_name(site.scope, "renew")
    loop.define("renew", pipeline)
    for _ in range(2):
        loop.shop.register("pending")

    versions.approve(site, "late", 1, approver="ada", comment="first")
    assert [*runs.executions(site.place, pipeline)] == []
    loop.put(f"{place.policy_prefix('renew')}/{STATE}", {"state": {"phase": "awaiting_approval"}})
    versions.reject(site, "late", 2, approver="ada", comment="worse")

    assert [run.component for run in runs.executions(site.place, pipeline)] == ["renew"]


def test_a_check_that_had_nothing_to_look_at_says_so(loop: Loop, site: Site) -> None:
    loop.shop.serve(loop.shop.register())
    loop.define("watch", pipeline_name(site.scope, "watch"))
    run = monitors.check(site, "watch")
    loop.put(
        place.step_report_key("watch", run.id, "watch"),
        {"step": "watch", "status": "finished", "ended": "x", "nothing": "no traffic"},
    )

    with pytest.raises(NothingToDoError, match="no traffic"):
        monitors.wait(site, run)


def test_truth_knows_the_requests_of_the_served_version(
    loop: Loop, site: Site, tmp_path: Path
) -> None:
    loop.shop.serve(loop.shop.register())
    served = serving.deployed(loop.shop.work(), loop.shop.deployment())
    assert served is not None
    at = datetime.now(UTC) - timedelta(minutes=9)
    loop.capture(served.id, at, [{"a": 1, "request_id": "mine"}], [0], "r")
    file = tmp_path / "truth.csv"
    file.write_text("request_id,late\nmine,1\nother,0\n")

    said = monitors.truth(site, "score", file, None)

    assert (said.rows, said.unknown, said.examples) == (2, 1, ("other",))
    assert said.file.startswith(place.uri(loop.bucket, "truth/score/"))
