"""One wrong place in a plan of Azure's jobs that is right otherwise: each is found, and named.

Proves that the walkers see nodes, components, schedules and clusters. What no model says of Azure
ML (how long a cluster may idle, which size a region has) is not judged.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mlops_iac.specs import (
    Dataset,
    HyperparameterSearch,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    Spot,
    TrainingJob,
)
from tests.contract.scenario import check_document
from tests.providers.azure.harness import DIGEST, planned, record

_GATE = {"metric": "roc_auc", "data": "departures", "label": "y", "threshold": 0.7}


def _made(kind: Any, name: str, **fields: Any) -> Any:
    return kind(name, **fields)


_COMPONENTS = (
    _made(Dataset, "departures", source="data.csv", format="csv"),
    RegisteredModel("late"),
    _made(
        TrainingJob,
        "delay",
        script="train.py",
        data="departures",
        model="late",
        spot=Spot(),
        instances=2,
    ),
    _made(TrainingJob, "own", image=f"acme.azurecr.io/x@{DIGEST}", data="departures"),
    _made(ProcessingJob, "clean", script="train.py", data="departures", outputs={"rows": "csv"}),
    _made(TrainingJob, "small", script="train.py", data="clean/rows", model="late", run="manual"),
    _made(
        HyperparameterSearch,
        "tune",
        job="small",
        metric="auc",
        parameters={"rate": {"min": 0.1, "max": 1}, "kind": {"choices": ("a", "b")}},
        strategy="random",
        seed=3,
        run="manual",
    ),
    _made(
        Pipeline,
        "weekly",
        steps=("clean", "tune"),
        gates=(_GATE,),
        schedule={"cron": "0 3 * * 1", "timezone": "Europe/Berlin"},
    ),
)


@cache
def _plan() -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "data.csv").write_text("x,y\n1,0\n")
        (project / "train.py").write_text("print(1)\n")
        image = f"acme.azurecr.io/runtime@{DIGEST}"
        return record(planned(_COMPONENTS, project, runtime_image=image)).documents()


def test_the_plan_itself_has_no_finding() -> None:
    assert [str(each) for each in check_document("azure", _plan())] == []


def _properties(inputs: dict[str, Any]) -> dict[str, Any]:
    properties = inputs["requests"][0]["body"]["properties"]
    return properties["action"]["jobDefinition"] if "action" in properties else properties


def _node(inputs: dict[str, Any], name: str) -> dict[str, Any]:
    return _properties(inputs)["jobs"][name]


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return what puts a value at a place below the job's properties."""

    def plant(inputs: dict[str, Any]) -> None:
        *above, last = path.split("/")
        place: Any = _properties(inputs)
        for word in above:
            place = place[word]
        place[last] = value

    return plant


def _renamed(node: str, old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def plant(inputs: dict[str, Any]) -> None:
        found = _node(inputs, node)
        found[new] = found.pop(old)

    return plant


def _component(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda inputs: inputs["properties"]["componentSpec"].update(members)


def _trigger(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda inputs: inputs["requests"][0]["body"]["properties"]["trigger"].update(members)


def _cluster(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda inputs: inputs["properties"]["properties"].update(members)


FAULTS: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "an unknown kind of job": ("delay-run", _set("jobType", "Pipelines")),
    "a member that no job has": ("delay-run", _set("display", "x")),
    "an input of the pipeline without a type": (
        "delay-run",
        _set("inputs/mlops_key", {"value": "k"}),
    ),
    "an identity that is none": ("delay-run", _set("identity", {"identityType": "managed"})),
    "a node in camel case": ("delay-run", _renamed("delay", "resources", "instanceResources")),
    "variables in camel case": (
        "own-run",
        _renamed("own_image", "environment_variables", "environmentVariables"),
    ),
    "a node of an unknown type": ("delay-run", _set("jobs/delay/type", "shell")),
    "a binding to another input": (
        "delay-run",
        _set("jobs/delay/inputs/mlops_key/value", "${{parent.inputs.key}}"),
    ),
    "a binding to a step that is not there": (
        "weekly-schedule",
        _set("jobs/weekly_gates/inputs/mlops_after_1/value", "${{parent.jobs.x.outputs.done}}"),
    ),
    "a binding to an output that is not there": (
        "weekly-schedule",
        _set("jobs/tune/inputs/mlops_after_1/value", "${{parent.jobs.tune_trials.outputs.x}}"),
    ),
    "a node's identity in camel case": (
        "delay-run",
        _set("jobs/delay/identity", {"identityType": "Managed", "clientId": "x"}),
    ),
    "an identity of a sweep": (
        "weekly-schedule",
        _set("jobs/tune_trials/identity", {"identity_type": "Managed", "client_id": "x"}),
    ),
    "a distribution that nobody knows": (
        "delay-run",
        _set("jobs/delay/distribution/distribution_type", "Gloo"),
    ),
    "an output of an unknown mode": (
        "delay-run",
        _set("jobs/delay/outputs/done/mode", "Mounted"),
    ),
    "a sampling that nobody knows": (
        "weekly-schedule",
        _set("jobs/tune_trials/sampling_algorithm/type", "halton"),
    ),
    "a goal that is none": (
        "weekly-schedule",
        _set("jobs/tune_trials/objective/goal", "greatest"),
    ),
    "a distribution of values that is none": (
        "weekly-schedule",
        _set("jobs/tune_trials/search_space/rate/type", "even"),
    ),
    "a search without a metric": (
        "weekly-schedule",
        _set("jobs/tune_trials/objective", {"goal": "maximize"}),
    ),
    "a bound that is no time": ("delay-run", _set("jobs/delay/limits/timeout", "1h")),
    "a node with a dash": ("delay-run", lambda i: _properties(i)["jobs"].update({"a-b": {}})),
    "a component with a dash in its name": ("delay-delay-component", _component(name="a-b")),
    "a command that names no input": (
        "delay-delay-component",
        _component(command="python ${{inputs.nothing}}"),
    ),
    "a component's input of an unknown type": (
        "delay-delay-component",
        _component(inputs={"mlops_key": {"type": "text"}}),
    ),
    "a component of an unknown type": ("delay-delay-component", _component(type="shell")),
    "an environment of another system": (
        "delay-environment",
        lambda inputs: inputs["properties"].update(osType="linux"),
    ),
    "cron with a sixth field": ("weekly-schedule", _trigger(expression="0 0 3 * * 1")),
    "a trigger of an unknown type": ("weekly-schedule", _trigger(triggerType="Daily")),
    "a schedule's action of an unknown type": (
        "weekly-schedule",
        lambda i: i["requests"][0]["body"]["properties"]["action"].update(actionType="Run"),
    ),
    "machines of an unknown price": (
        "platform-cluster-training-d2as-v4-spot",
        _cluster(vmPriority="Spot"),
    ),
    "a cluster that grows by words": (
        "platform-cluster-training-d2as-v4-spot",
        _cluster(scaleSettings={"minNodeCount": 0, "maxNodeCount": "many"}),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    name, plant = FAULTS[fault]
    documents = deepcopy(_plan())
    (resource,) = [document for document in documents if document["name"] == name]

    plant(resource["inputs"])
    findings = check_document("azure", documents)

    assert findings
    assert all(finding.path.startswith(f"{name}: ") for finding in findings)
