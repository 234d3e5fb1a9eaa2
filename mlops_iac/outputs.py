"""What comes back from a component: one typed record per kind, the same on every target.

Every field is a `pulumi.Output`; where a target has nothing to say it is an Output of `None`,
never absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pulumi

    from mlops_iac.grants import Purpose


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Base of all outputs."""

    native_id: "pulumi.Output[str]"
    """The target's own identifier: ARN, resource name, ARM id, path."""
    console_url: "pulumi.Output[str | None]"
    """Page where a person looks at it."""

    def exported(self) -> dict[str, Any]:
        """Return the outputs by their public names, as a stack exports them."""
        return {
            _camel(field.name): getattr(self, field.name)
            for field in fields(self)
            if field.metadata.get("exported", True) and field.name not in _PRIVATE
        }


_PRIVATE = frozenset({"native", "pulumi_providers"})


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


@dataclass(frozen=True, kw_only=True)
class PlatformOutputs(Outputs):
    """The foundation, as the other adapters of the same provider use it."""

    artifact_root: "pulumi.Output[str]"
    """URI (folder on `local`) under which everything the stack makes is stored."""
    image_registry: "pulumi.Output[str | None]"
    """Address that runtime images are pushed to."""
    tracking_uri: "pulumi.Output[str | None]"
    """MLflow tracking URI."""
    workspace: "pulumi.Output[str | None]"
    """Workspace that things live in, where the target has one."""
    encryption_key: "pulumi.Output[str | None]"
    """Key of the stack; `None` while the cloud owns the key."""
    identities: "Mapping[Purpose, pulumi.Output[str]]"
    """Identity per purpose."""
    native: "Mapping[str, pulumi.Output[Any]]"
    """Facts that only adapters of the same provider read; never exported."""
    pulumi_providers: "tuple[pulumi.ProviderResource, ...]"
    """Explicit Pulumi providers that every other component of this platform uses."""


@dataclass(frozen=True, kw_only=True)
class DatasetOutputs(Outputs):
    """A dataset in its present version."""

    uri: "pulumi.Output[str]"
    """Where jobs read it."""
    version: "pulumi.Output[str]"
    """Version: the hash of the content, or of the source's address."""


@dataclass(frozen=True, kw_only=True)
class TrainingJobOutputs(Outputs):
    """A training definition and, with `run: on_change`, its run."""

    definition: "pulumi.Output[str]"
    """The definition's identifier on the target."""
    key: "pulumi.Output[str]"
    """Hash of code, data version, parameters and environment: a new key is a new run."""
    run_id: "pulumi.Output[str | None]"
    """The run of this key; `None` when runs are started elsewhere."""
    model_version: "pulumi.Output[str | None]"
    """Version that the run registered."""
    metrics: "pulumi.Output[Mapping[str, float]]"
    """Metrics that the run logged; empty until it has ended."""
    native: "Mapping[str, pulumi.Output[Any]]" = field(default_factory=dict[str, Any])
    """Facts that only adapters of the same provider read; never exported."""


@dataclass(frozen=True, kw_only=True)
class RegisteredModelOutputs(Outputs):
    """A registered model."""

    model_name: "pulumi.Output[str]"
    """Name in the target's registry."""


@dataclass(frozen=True, kw_only=True)
class ModelEndpointOutputs(Outputs):
    """A served model."""

    url: "pulumi.Output[str | None]"
    """Address that answers predictions; one in a network may get it with its first deployment."""
    endpoint_name: "pulumi.Output[str]"
    """Name on the target."""
    state: "pulumi.Output[str]"
    """`waiting` until a version is approved, then `serving`."""
    version: "pulumi.Output[str | None]"
    """Version that was deployed when `up` last looked; the loop may have moved on."""
    credential: "pulumi.Output[str | None]"
    """Where a caller's credential is read: a file, a secret's name. Never the secret itself."""
    metrics_namespace: "pulumi.Output[str | None]"
    """Where the endpoint's metrics are found."""


@dataclass(frozen=True, kw_only=True)
class JobOutputs(Outputs):
    """A job's definition and, with `run: on_change`, its run."""

    definition: "pulumi.Output[str]"
    """The definition's identifier on the target."""
    key: "pulumi.Output[str]"
    """Hash of all that decides the outcome: a new key is a new run."""
    run_id: "pulumi.Output[str | None]"
    """The run of this key; `None` when runs are started elsewhere."""


@dataclass(frozen=True, kw_only=True)
class ProcessingJobOutputs(JobOutputs):
    """A processing job."""

    data: "pulumi.Output[Mapping[str, str]]"
    """Version of each output of the run; empty until it has ended."""
    native: "Mapping[str, pulumi.Output[Any]]" = field(default_factory=dict[str, Any])
    """Facts that only adapters of the same provider read; never exported."""


@dataclass(frozen=True, kw_only=True)
class DataValidationOutputs(JobOutputs):
    """A contract on data."""

    report: "pulumi.Output[str | None]"
    """Where the report of the check is."""


@dataclass(frozen=True, kw_only=True)
class FeatureGroupOutputs(Outputs):
    """A feature group in its present version."""

    group_name: "pulumi.Output[str]"
    """Name in the target's feature store."""
    version: "pulumi.Output[str]"
    """Hash of the definition and of the data it was last filled from."""
    offline_store: "pulumi.Output[str | None]"
    """Where the history lies."""
    online_store: "pulumi.Output[str | None]"
    """Where the newest values are read."""


@dataclass(frozen=True, kw_only=True)
class ExperimentTrackerOutputs(Outputs):
    """An experiment."""

    experiment: "pulumi.Output[str]"
    """Name of the MLflow experiment."""
    tracking_uri: "pulumi.Output[str]"
    """MLflow tracking URI."""
    url: "pulumi.Output[str | None]"
    """Page of the tracking server, where there is one."""
    credential: "pulumi.Output[str | None]"
    """Where the server's credential is read: a file, a secret's name. Never the secret itself."""


@dataclass(frozen=True, kw_only=True)
class HyperparameterSearchOutputs(JobOutputs):
    """A search and its best trial."""

    parameters: "pulumi.Output[Mapping[str, Any]]"
    """Hyperparameters of the best trial; empty until the search has ended."""
    value: "pulumi.Output[float | None]"
    """The metric of the best trial."""
    model_version: "pulumi.Output[str | None]"
    """Version that the best trial's model was registered as."""


@dataclass(frozen=True, kw_only=True)
class PipelineOutputs(Outputs):
    """A pipeline."""

    pipeline_name: "pulumi.Output[str]"
    """Name on the target."""


@dataclass(frozen=True, kw_only=True)
class BatchInferenceOutputs(JobOutputs):
    """Predictions for a dataset."""

    predictions: "pulumi.Output[str | None]"
    """Where the run's predictions lie; `None` until it has ended."""


@dataclass(frozen=True, kw_only=True)
class ModelMonitorOutputs(Outputs):
    """A monitor."""

    monitor_name: "pulumi.Output[str]"
    """Name on the target."""
    reports: "pulumi.Output[str]"
    """Where the reports of its checks are written."""


@dataclass(frozen=True, kw_only=True)
class RetrainingPolicyOutputs(Outputs):
    """A retraining policy."""

    events: "pulumi.Output[str]"
    """Where every event, decision and reason is recorded."""
