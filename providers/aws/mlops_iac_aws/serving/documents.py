"""The deployment document: all that deploying a version of one endpoint takes.

It is the inputs of `ModelDeployment`, as the declaration made them: the policy, and the requests
with holes where only a version tells the value. It also lies in the bucket, so that who has no
declaration deploys in the same way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_aws import documents
from mlops_iac_aws.faults import found
from mlops_iac_aws.layout import deployment_key, split_uri
from mlops_iac_aws.serving.aliases import Alias
from mlops_iac_aws.session import Clients

OWNERS = ("mlops-iac-project", "mlops-iac-stack")
"""Tags that tell whose something is."""
_COMPONENT = "CreateInferenceComponent"
DOCUMENT_TAG = "mlops-iac-document"
"""Tag of an endpoint: where its document lies."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What deploying may use."""

    clients: Clients
    log: Callable[[str], None]
    """Tells the user about progress."""
    pause: Callable[[float], None]
    """Sleeps for seconds; may raise to stop."""


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """Which version is beside the one that is served; one of the two is told."""

    alias: str | None
    version: int | None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One endpoint's document."""

    document: Mapping[str, Any]
    endpoint: str
    """Physical name."""
    component: str
    bucket: str
    model: str
    """Component name of the model."""
    group: str
    """Model package group of the model."""
    alias: str | None
    """What the endpoint follows; `None` for a pinned version."""
    version: int | None
    """The pinned version."""
    challenger: Challenger | None
    timeout_seconds: int
    """How long one deployment may take."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Deployment":
        """Return the deployment that a document describes."""
        policy = document["policy"]
        version, rival = policy.get("version"), policy.get("challenger")
        return cls(
            document=document,
            endpoint=document["endpoint"],
            component=document["component"],
            bucket=document["bucket"],
            model=policy["model"],
            group=policy["model_group"],
            alias=policy.get("alias"),
            version=_number(version),
            challenger=None if rival is None else _challenger(rival),
            timeout_seconds=int(document["deployment_timeout_seconds"]),
        )

    @property
    def copy(self) -> Alias:
        """The place in the bucket of the version that is served."""
        name = self.alias if self.alias is not None else str(self.version)
        return Alias(bucket=self.bucket, model=self.model, group=self.group, name=name)

    @property
    def owners(self) -> Mapping[str, str]:
        """Tags that everything of this endpoint carries, and nothing of anybody else."""
        return {key: value for key, value in self.tags.items() if key in OWNERS}

    @property
    def tags(self) -> Mapping[str, str]:
        """All tags of the endpoint."""
        return {tag["Key"]: tag["Value"] for tag in self.body("CreateEndpoint")["Tags"]}

    @property
    def has_component(self) -> bool:
        """Whether an inference component serves, so that the endpoint goes to zero."""
        return any(item["operation"] == _COMPONENT for item in self.document["requests"])

    def body(self, operation: str) -> Mapping[str, Any]:
        """Return the parameters of the request for an operation."""
        document = self.document
        known = [*document["requests"], *document["update_requests"]]
        return next(item["body"] for item in known if item["operation"] == operation)

    def follow_ups(self) -> Sequence[Mapping[str, Any]]:
        """Return the requests that follow a deployment: what makes the capacity follow the load."""
        first = {"CreateModel", "CreateEndpointConfig", "CreateEndpoint", _COMPONENT}
        return [item for item in self.document["requests"] if item["operation"] not in first]


def _challenger(told: Mapping[str, Any]) -> Challenger:
    return Challenger(alias=told.get("alias"), version=_number(told.get("version")))


def _number(told: float | None) -> int | None:
    # The engine's numbers are floats.
    return None if told is None else int(told)


def location(deployment: Deployment) -> str:
    """Return the address of a deployment's document."""
    return f"s3://{deployment.bucket}/{deployment_key(deployment.component)}"


def save(work: Work, deployment: Deployment) -> None:
    """Write the document into the bucket."""
    key = deployment_key(deployment.component)
    documents.write(work.clients, deployment.bucket, key, deployment.document)


def load(clients: Clients, bucket: str, component: str) -> Deployment:
    """Return the deployment of an endpoint by its component name.

    Raises:
        OperationError: no such endpoint was deployed.
    """
    document = read(clients, f"s3://{bucket}/{deployment_key(component)}")
    if document is None:
        raise OperationError(
            f"there is no endpoint `{component}` in this stack",
            remedy="run `mlops-iac up` first, and name a `ModelEndpoint` of the declaration",
        )
    return Deployment.of(document)


def read(clients: Clients, address: str) -> Mapping[str, Any] | None:
    """Return the document at an address, or `None` when there is none."""
    return documents.read(clients, *split_uri(address))


def is_saved(work: Work, deployment: Deployment) -> bool:
    """Whether the document lies in the bucket."""
    key = deployment_key(deployment.component)
    return found(work.clients("s3").head_object, Bucket=deployment.bucket, Key=key) is not None
