"""What a monitor and a policy register on `gcp`: who may do what, what wakes whom.

Limit: recorded under the mock monitor; that a message on a topic reaches a workflow is proved by
`tests/clouds_gcp/test_work_parts.py`, and that Eventarc delivers is Google's own business.
"""

import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from mlops_iac_gcp.events import source

from mlops_iac.specs import ModelEndpoint, ModelMonitor, Pipeline, RetrainingPolicy, Spec
from mlops_iac.testing import Recording
from tests.clouds.gcp.work.workflows.execution import Execution
from tests.contract.scenario import check_document
from tests.providers.gcp.harness import problems, recorded
from tests.providers.gcp.scenarios import DATA, IMAGE, JOB, MODEL, NETWORK, write_files

GATE = {"metric": "roc_auc", "data": "departures", "label": "late"}


def renewed(monitor: dict[str, Any], policy: dict[str, Any]) -> tuple[Spec, ...]:
    watched: dict[str, Any] = {"endpoint": "score", "signals": ("data_drift",), **monitor}
    served: dict[str, Any] = {"model": "late@champion", "capture": {"percent": 100}}
    steps: dict[str, Any] = {"steps": ["delay"], "gates": [GATE]}
    followed: dict[str, Any] = {"monitor": "watch", "pipeline": "again", **policy}
    return (
        DATA,
        MODEL,
        JOB,
        ModelEndpoint("score", **served),
        ModelMonitor("watch", **watched),
        Pipeline("again", **steps),
        RetrainingPolicy("renew", **followed),
    )


def record(folder: Path, platform: dict[str, Any] | None = None, **policy: Any) -> Recording:
    write_files(folder)
    specs = renewed({}, {"promotion": "automatic", **policy})
    return recorded(folder, *specs, runtime_image=IMAGE, **(platform or {}))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("loop"), budget="2h")


@pytest.mark.parametrize(
    "platform",
    [{}, {"profile": "prod", "encryption": {"rotation_days": 90}, "network": NETWORK}],
    ids=["dev", "prod"],
)
def test_what_the_loop_registers_is_what_the_discovery_documents_take(
    tmp_path: Path, platform: dict[str, Any]
) -> None:
    made = record(tmp_path, platform)
    own = [r.document() for r in made.resources if r.name.startswith(("watch-", "renew-"))]

    assert [str(finding) for finding in check_document("gcp", own)] == []


def inputs(found: Recording, name: str) -> dict[str, Any]:
    (one,) = (dict(each.inputs) for each in found.resources if each.name == name)
    return one


def test_the_monitors_topic_wakes_the_policy_and_the_policys_own_does_not(found: Recording) -> None:
    heard = inputs(found, "renew-trigger")["transport"]["pubsub"]["topic"]
    assert heard.endswith(f"/topics/{inputs(found, 'watch-topic')['name']}")
    assert inputs(found, "renew-news-publisher")["topic"] == inputs(found, "renew-topic")["name"]
    assert inputs(found, "watch-alert-publisher")["topic"] == inputs(found, "watch-topic")["name"]


def test_each_may_do_its_own_work_and_nothing_else(found: Recording) -> None:
    assert inputs(found, "watch-checking")["permissions"] == [
        "bigquery.jobs.create",
        "monitoring.timeSeries.create",
    ]
    assert "aiplatform.pipelineJobs.create" in inputs(found, "renew-starting")["permissions"]
    assert inputs(found, "renew-following")["permissions"] == ["workflows.executions.create"]
    for name, folder in (("watch-writer", "monitors/watch/"), ("renew-writer", "policies/renew/")):
        assert inputs(found, name)["condition"]["expression"].endswith(f'/objects/{folder}")')
    dataset = inputs(found, "score-capture")["datasetId"]
    reader = inputs(found, "watch-reader")
    assert (reader["datasetId"], reader["role"]) == (dataset, "roles/bigquery.dataViewer")


def test_a_budget_is_looked_at_more_often(found: Recording, tmp_path: Path) -> None:
    unlimited = record(tmp_path)

    assert inputs(found, "renew-schedule")["cron"] == "TZ=UTC */15 * * * *"
    assert inputs(unlimited, "renew-schedule")["cron"] == "TZ=UTC 0 */1 * * *"


def test_the_alert_watches_the_metric_that_the_check_writes(found: Recording) -> None:
    (condition,) = inputs(found, "watch-alert")["conditions"]

    metric = inputs(found, "watch-metric")["type"]
    assert f'metric.type="{metric}"' in condition["conditionThreshold"]["filter"]
    assert inputs(found, "watch-metric")["labels"][0]["key"] == "finding"


def test_what_cannot_be_is_refused_with_a_remedy(tmp_path: Path) -> None:
    write_files(tmp_path)
    specs = renewed({"schedule": {"every": "7m"}}, {"period": "0s", "promotion": "automatic"})

    refused = problems(tmp_path, *specs, runtime_image=IMAGE)

    assert {place: problem.code for place, problem in refused.items()} == {
        "watch.schedule.every": "schedule.period",
        "renew.period": "retraining.no-time",
    }


class Calls:
    """Vertex AI as a workflow calls it; a run ends at the third look."""

    project, region = "acme-ml-dev", "europe-west4"

    def __init__(self) -> None:
        self.made: list[tuple[str, str, str, Any]] = []

    def call(
        self, verb: str, service: str, path: str, body: Any = None, **_: str
    ) -> dict[str, str]:
        self.made.append((verb, service, path, body))
        state = "PIPELINE_STATE_FAILED" if len(self.made) > 2 else "PIPELINE_STATE_RUNNING"
        return {"name": f"{PLACE}/pipelineJobs/renew-1", "state": state}


PLACE = "projects/acme-ml-dev/locations/europe-west4"
SPEC = {"root": {"inputs": "{{$.inputs.parameters['run_key']}}"}}
START = (
    "POST",
    "aiplatform",
    f"v1/{PLACE}/pipelineJobs",
    {"displayName": "renew", "pipelineSpec": SPEC},
)


@pytest.fixture
def workflow() -> tuple[Execution, Calls, Any]:
    """An execution of a policy's workflow, what it calls, and its source."""
    made = SimpleNamespace(pipeline=SPEC, pipeline_job=lambda: {"displayName": "renew"})
    target = SimpleNamespace(account="acme-ml-dev", region="europe-west4")
    context, job = SimpleNamespace(target=target), SimpleNamespace(definition=made)
    name = "projects/1/locations/europe-west4/workflows/w/executions/e"
    run, calls = SimpleNamespace(name=name, id="e", stopping=threading.Event()), Calls()
    document = json.loads(json.dumps(source(cast("Any", context), cast("Any", job))))
    return Execution(cast("Any", run), cast("Any", calls)), calls, document


def test_a_message_makes_the_workflow_start_one_run(
    workflow: tuple[Execution, Calls, Any],
) -> None:
    execution, calls, document = workflow

    told = execution.main(document, {"data": {}})

    assert calls.made == [START]
    assert told.endswith("/pipelineJobs/renew-1")


def test_a_workflow_that_is_told_of_a_run_waits_for_its_end_however_it_ends(
    workflow: tuple[Execution, Calls, Any],
) -> None:
    execution, calls, document = workflow
    run = f"{PLACE}/pipelineJobs/again-1"

    execution.main(document, {"run": run})

    assert calls.made == [("GET", "aiplatform", f"v1/{run}", None)] * 3 + [START]


def test_a_workflow_is_under_the_stacks_key(tmp_path: Path) -> None:
    keyed = record(tmp_path, {"profile": "prod", "encryption": {"rotation_days": 90}})

    assert inputs(keyed, "renew-workflow")["cryptoKeyName"]
    agents = {each.name for each in keyed.resources if "KeyIAMMember" in each.type}
    assert "platform-key-workflows" in agents
