"""What a retraining policy's executor does on Azure alone: news are points, budgets are reports.

What every cloud has: `tests/providers/azure_and_gcp/test_policy_world.py`.
"""

from mlops_iac_azure import documents, place
from mlops_iac_azure.monitors import telling
from mlops_iac_azure.policies.retraining import lasted

from mlops_iac.runtime.policy import Notify, StartRun
from tests.providers.azure.loop.world import Loop


def test_news_are_counted_where_the_policys_alert_looks(loop: Loop) -> None:
    loop.world().tell(Notify(id="notify-1", level="info", text="version 2 is served"))

    assert loop.points(telling.NEWS) == {("flights-renew", "info"): 1.0}


STEP = {"started": "2026-11-21T10:00:00Z", "ended": "2026-11-21T10:00:10Z"}


def test_a_budget_counts_every_machine_of_every_step_and_every_trial(loop: Loop) -> None:
    loop.define()
    run = loop.world().retraining.start(StartRun(id="run-1", reason="again", check_id="x"))
    definition = documents.read(loop.where, loop.bucket, place.definition_key("again")) or {}
    nodes = {"train": {"resources": {"instance_count": 3}}, "tune": {}}
    job = {**definition["pipeline_job"], "jobs": nodes}
    loop.put(place.definition_key("again"), {**definition, "pipeline_job": job})
    for step in ("train", "tune/trial_0", "tune/trial_1"):
        loop.put(place.step_report_key("again", run.id, step), {"step": step, **STEP})
    loop.put(place.step_report_key("again", run.id, "train-task"), {"anything": 1})

    assert loop.world().retraining.runs.seconds(run) == 3 * 10 + 2 * 10


def test_a_step_that_tells_no_end_counts_until_now() -> None:
    begun = {"started": "2026-11-21T10:00:00Z"}

    assert lasted(begun, "2026-11-21T10:01:00+00:00") == 60.0
    assert lasted(STEP, "2026-11-21T10:01:00+00:00") == 10.0
