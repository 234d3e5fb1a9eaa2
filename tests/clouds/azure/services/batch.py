"""Azure ML's batch endpoints: a call of one is a job.

https://learn.microsoft.com/azure/machine-learning/how-to-use-batch-pipeline-deployments
"""

import copy
import uuid
from typing import Any

from tests.clouds.azure import rules, standard, tokens
from tests.clouds.azure.calls import (
    Answer,
    Body,
    Call,
    CloudError,
    conflict,
    invalid,
    not_found,
    told,
)
from tests.clouds.azure.ids import parent
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.parts import Part, Service
from tests.clouds.azure.services import jobs
from tests.clouds.azure.services.endpoints import refuse_name
from tests.clouds.azure.services.job_names import workspace_of
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

ENDPOINTS = f"{WORKSPACES}/batchEndpoints"
DEPLOYMENTS = f"{ENDPOINTS}/deployments"
_PIPELINE = "PipelineComponent"


def _put(world: World, call: Call) -> Answer:
    refuse_name(world, call, ENDPOINTS)
    _judge_default(world, call, call.body.get("properties") or {})
    return standard.put(world, call, made=lambda record: _complete(world, record))


def _patch(world: World, call: Call) -> Answer:
    _judge_default(world, call, call.body.get("properties") or {})
    return standard.patch(world, call, made=lambda record: _complete(world, record))


def _complete(world: World, record: Record) -> None:
    place = f"{world.address}/batch/{record.name}/jobs"
    record.properties |= {"scoringUri": place, "swaggerUri": place}
    record.properties.setdefault("defaults", {})
    record.properties.setdefault("properties", {})


def _judge_default(world: World, call: Call, asked: Body) -> None:
    wanted = (asked.get("defaults") or {}).get("deploymentName")
    if wanted and world.store.get(f"{call.at.id}/deployments/{wanted}") is None:
        raise invalid(f"Deployment '{wanted}' of `defaults` does not exist.", "UserError")


def _deploy(world: World, call: Call) -> Answer:
    endpoint = parent(call.at.id)
    world.operations.tick(endpoint)
    rules.require_above(world, call.at.id)
    configuration = (call.body.get("properties") or {}).get("deploymentConfiguration") or {}
    component = (configuration.get("componentId") or {}).get("assetId", "")
    bare = component.removeprefix("azureml:")
    if bare.startswith("/subscriptions/") and world.store.get(bare) is None:
        raise CloudError(400, "UserError", f"Component '{component}' is not there.")
    return standard.put(world, call)


def _undeploy(world: World, call: Call) -> Answer:
    endpoint = world.store.get(parent(call.at.id))
    defaults: Body = endpoint.properties.get("defaults") or {} if endpoint else {}
    if defaults.get("deploymentName") == call.at.name:
        text = f"Deployment '{call.at.name}' is the endpoint's default; name another one first."
        raise conflict(text)
    return standard.delete(world, call)


def invoke(world: World, endpoint: str, deployment: str, asked: Body, who: str) -> Record:
    """Begin the job of a call.

    Args:
        world: the cloud.
        endpoint: its name.
        deployment: the one that is wanted; empty for the default.
        asked: `InputData` and `OutputData` by name, as the data plane has them.
        who: the principal.

    Raises:
        CloudError: 404 when there is no such endpoint or deployment.
    """
    record = world.named(ENDPOINTS, endpoint)
    name = deployment or (record.properties.get("defaults") or {}).get("deploymentName", "")
    found = world.store.get(f"{record.id}/deployments/{name}") if name else None
    if found is None:
        text = f"Endpoint '{endpoint}' has no deployment '{name or 'by default'}'."
        raise not_found("", text, "DeploymentNotFound")
    return _begin(world, record, found, asked, who)


def _begin(world: World, endpoint: Record, deployment: Record, asked: Body, who: str) -> Record:
    own = f"batchjob-{uuid.uuid5(uuid.NAMESPACE_URL, f'{endpoint.key}{world.store.number()}')}"
    configuration = deployment.properties.get("deploymentConfiguration") or {}
    if configuration.get("deploymentConfigurationType") != _PIPELINE:
        text = "The test cloud calls batch deployments of pipeline components only."
        raise CloudError(501, "NotImplemented", text)
    component = configuration["componentId"]["assetId"]
    properties: Body = {"jobType": "Pipeline", "componentId": component}
    settings = dict(configuration.get("settings") or {})
    properties |= {"settings": settings, "experimentName": endpoint.name, "jobs": {}}
    properties |= {"tags": copy.deepcopy(configuration.get("tags") or {})}
    properties["inputs"] = {name: _input(one) for name, one in _given(asked, "InputData").items()}
    properties["outputs"] = {
        name: _output(one) for name, one in _given(asked, "OutputData").items()
    }
    place = f"{workspace_of(endpoint.id)}/jobs/{own}"
    told_properties = {
        "azureml.endpointName": endpoint.name,
        "azureml.deploymentName": deployment.name,
    }
    return jobs.make(world, place, properties, who, **told_properties)


def _given(asked: Body, name: str) -> Body:
    folded = {key.lower(): value for key, value in (asked.get("properties") or {}).items()}
    return folded.get(name.lower()) or {}


_INPUTS = {"uritable": "mltable", "urifolder": "uri_folder", "urifile": "uri_file"}


def _input(one: Body) -> Body:
    told_one = {key[:1].lower() + key[1:]: value for key, value in one.items()}
    kind = str(told_one.pop("jobInputType", "literal"))
    return {"jobInputType": _INPUTS.get(kind.lower(), kind.lower()), **told_one}


def _output(one: Body) -> Body:
    told_one = {key[:1].lower() + key[1:]: value for key, value in one.items()}
    kind = str(told_one.pop("jobOutputType", "uri_folder"))
    return {"jobOutputType": _INPUTS.get(kind.lower(), kind.lower()), **told_one}


def _called(world: World, call: Call) -> Answer:
    """Answer `/batch/<endpoint>/jobs`: begin a job, or tell of one."""
    name, _, rest = call.path.strip("/").partition("/")
    if call.request.verb == "POST" and rest == "jobs":
        wanted = call.request.headers.get("azureml-model-deployment", "")
        record = invoke(world, name, wanted, call.request.json(), call.caller.principal)
        return told(_shown(record), 200)
    own = rest.rpartition("/")[2]
    endpoint = world.named(ENDPOINTS, name)
    record = world.find(f"{workspace_of(endpoint.id)}/jobs/{own}")
    jobs.look(world, record)
    return told(_shown(record))


def _shown(record: Record) -> dict[str, Any]:
    shown = record.shown()
    return {"id": record.id, "name": record.name, "properties": shown["properties"]}


SERVICE = Service("batch", _called, tokens.MACHINE_LEARNING)

PARTS = (
    Part(
        "batch endpoints",
        {
            f"{ENDPOINTS}.put": _put,
            f"{ENDPOINTS}.patch": _patch,
            f"{DEPLOYMENTS}.put": _deploy,
            f"{DEPLOYMENTS}.delete": _undeploy,
        },
        "a name is one endpoint's in a region; the default is a deployment that is there, and"
        " stays; a call (`/batch/<endpoint>/jobs`) is a job of the deployment's pipeline component",
    ),
)
