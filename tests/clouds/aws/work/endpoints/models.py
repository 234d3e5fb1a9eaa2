"""What a variant's container is started with: its image, variables, and model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clouds.aws.hooks import Run
from tests.clouds.aws.work import images, objects
from tests.clouds.aws.work.container import Container, base_environment
from tests.clouds.aws.work.failures import JobError

# A loopback address that the server does not take for its own machine: there it wants a token,
# which SageMaker, standing before the container, does not have.
_HOST = "127.0.0.2"
ADDRESS_FILE = "tmp/address"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A model as a container has it."""

    image: str
    data: str | None
    """URI of the model's archive."""
    environment: Mapping[str, str]
    isolated: bool


def served(model: Mapping[str, Any], sagemaker: Any) -> Served:
    """Return what a model, as DescribeModel answers it, is served with.

    Raises:
        JobError: its package is not approved.
    """
    own = model.get("PrimaryContainer") or model["Containers"][0]
    package = _package(own, sagemaker)
    environment = {**(package.get("Environment") or {}), **(own.get("Environment") or {})}
    return Served(
        image=own.get("Image") or package["Image"],
        data=_data(own) or _data(package),
        environment=environment,
        isolated=bool(model.get("EnableNetworkIsolation")),
    )


def _package(own: Mapping[str, Any], sagemaker: Any) -> Mapping[str, Any]:
    name = own.get("ModelPackageName")
    if name is None:
        return {}
    package = sagemaker.describe_model_package(ModelPackageName=name)
    if package.get("ModelApprovalStatus", "Approved") != "Approved":
        raise JobError(f"ValidationException: the model package {name} is not approved")
    return package["InferenceSpecification"]["Containers"][0]


def _data(container: Mapping[str, Any]) -> str | None:
    if uri := container.get("ModelDataUrl"):
        return str(uri)
    source = (container.get("ModelDataSource") or {}).get("S3DataSource")
    if source is None:
        return None
    if source["CompressionType"] != "Gzip" or source["S3DataType"] != "S3Object":
        raise JobError("the test cloud serves models from a `model.tar.gz` only")
    return str(source["S3Uri"])


def container_of(run: Run, root: Path, model: Served, more: Mapping[str, str]) -> Container:
    """Return the container that serves `model` from `root`, its archive unpacked there."""
    command = images.command(model.image, run.client("ecr"), [], ["serve"])
    folder = root / "opt/ml/model"
    folder.mkdir(parents=True, exist_ok=True)
    if model.data is not None:
        objects.unpack(_archive(run, model.data), folder)
    base = base_environment(run, root, isolated=model.isolated)
    address = {
        "MLOPS_HOST": _HOST,
        "MLOPS_PORT": "0",
        "MLOPS_ADDRESS_FILE": str(root / ADDRESS_FILE),
    }
    return Container(
        root=root,
        command=command,
        environment={**model.environment, **more},
        base={**base, **address},
    )


def _archive(run: Run, uri: str) -> bytes:
    s3 = run.client("s3")
    try:
        return objects.read(s3, uri)
    except s3.exceptions.NoSuchKey as error:
        raise JobError(
            f"Could not find model data at {uri}. Please ensure that the role has access"
        ) from error
