"""What is told of runs: MLflow apps and tracking servers, artifacts of the lineage."""

import random
import string
import uuid
from typing import Any

from tests.clouds.aws.calls import Call
from tests.clouds.aws.crud import add, arn_if_told, asked, deleting, operations, settle_later
from tests.clouds.aws.kinds import ARTIFACT, MLFLOW_APP, MLFLOW_SERVER
from tests.clouds.aws.store import Kind, Members, Record, now
from tests.clouds.aws.world import Handler, World

_VERSION = "3.4"


def servers() -> dict[str, Handler]:
    """Return the operations of MLflow tracking servers."""
    return {
        **operations(MLFLOW_SERVER, create=_create_server, delete=_leave(MLFLOW_SERVER)),
        "UpdateMlflowTrackingServer": _update(MLFLOW_SERVER),
    }


def _create_server(world: World, call: Call) -> Members:
    name = call.params["TrackingServerName"]
    address = f"https://{call.region}.experiments.sagemaker.aws/{name}"
    defaults = {
        "TrackingServerSize": "Small",
        "MlflowVersion": _VERSION,
        "AutomaticModelRegistration": False,
        "IsActive": "Active",
        "TrackingServerUrl": address,
    }
    record = add(world, call, MLFLOW_SERVER, name, defaults)
    return {"TrackingServerArn": record.arn}


def apps() -> dict[str, Handler]:
    """Return the operations of serverless MLflow apps."""
    return {
        **operations(MLFLOW_APP, create=_create_app, delete=_leave(MLFLOW_APP)),
        "UpdateMlflowApp": _update(MLFLOW_APP),
    }


def _create_app(world: World, call: Call) -> Members:
    identity = "app-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=12))
    defaults = {
        "MlflowVersion": _VERSION,
        "ModelRegistrationMode": "AutoModelRegistrationDisabled",
        "AccountDefaultStatus": "DISABLED",
    }
    return {"Arn": add(world, call, MLFLOW_APP, identity, defaults).arn}


def _update(kind: Kind) -> Handler:
    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, kind)
        record.change(
            **{
                name: value
                for name, value in call.params.items()
                if name != (kind.asked or kind.key)
            }
        )
        record.become("Updating")
        settle_later(world, record, lambda: record.become("Updated"))
        return arn_if_told(call, record)

    return handle


def _leave(kind: Kind) -> Handler:
    """Delete what takes its time to go."""

    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, kind)
        record.become("Deleting")
        settle_later(world, record, lambda: world.store.remove(record))
        return arn_if_told(call, record)

    return handle


def artifacts() -> dict[str, Handler]:
    """Return the operations of artifacts."""
    return {
        **operations(ARTIFACT, create=_create_artifact, delete=_delete_artifact),
        "UpdateArtifact": _update_artifact,
    }


def _create_artifact(world: World, call: Call) -> Members:
    return {"ArtifactArn": add(world, call, ARTIFACT, uuid.uuid4().hex, {}).arn}


def _update_artifact(world: World, call: Call) -> Members:
    record = asked(world, call, ARTIFACT)
    properties: dict[str, Any] = {
        **record.members.get("Properties", {}),
        **call.params.get("Properties", {}),
    }
    for name in call.params.get("PropertiesToRemove", []):
        properties.pop(name, None)
    name = call.params.get("ArtifactName", record.members.get("ArtifactName"))
    record.change(Properties=properties, ArtifactName=name, LastModifiedTime=now())
    return {"ArtifactArn": record.arn}


def _delete_artifact(world: World, call: Call) -> Members:
    if "ArtifactArn" in call.params:
        return deleting(ARTIFACT)(world, call)
    uri = call.params["Source"]["SourceUri"]
    found = [one for one in world.store.all(ARTIFACT, call.region) if _is_of(one, uri)]
    for one in found:
        world.store.remove(one)
    return {"ArtifactArn": found[0].arn} if found else {}


def _is_of(record: Record, uri: str) -> bool:
    return record.members["Source"]["SourceUri"] == uri
