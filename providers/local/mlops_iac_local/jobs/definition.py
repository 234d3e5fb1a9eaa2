"""What a run of a job is: written by `up`, read by everything that starts a run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.names import content_hash
from mlops_iac_local.files import read_json, write_json
from mlops_iac_local.layout import Layout

DEFINITION = "definition.json"
KEY_LENGTH = 16
"""Hex digits of a run's key."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A job's definition as it lies in its folder."""

    component: str
    kind: str
    """Kind of the component, such as `TrainingJob`."""
    key: str
    module: str
    """Module that is run: of `mlops_iac.runtime`, or of this package for what starts other runs."""
    script: str | None = None
    """Name of the user's script in the code archive; the module's first argument."""
    arguments: Sequence[str] = ()
    """More arguments of the module."""
    code: str | None = None
    """Digest of the code archive."""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of each dataset by the name under which the job finds it."""
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """`component/output` of another job by the name under which the job finds it."""
    features: Mapping[str, str] = field(default_factory=dict[str, str])
    """Version of each feature group that is joined to the data."""
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Format of each folder that a finished run leaves, none of them empty."""
    task: Mapping[str, Any] | None = None
    """What a job without a script is told, as JSON."""
    model: str | None = None
    """The model that a finished run adds a version to."""
    reads: Mapping[str, Any] | None = None
    """`model` with `alias` or `version`: the version that a run reads, found when it starts."""
    hyperparameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    metrics: Sequence[str] = ()
    """Metrics without which a run fails."""
    limits: Mapping[str, float]
    timeout: float
    """Seconds."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Variables: text, or `{"secret": name}`."""
    python: str
    """The interpreter, with the job's requirements."""
    experiment: str | None = None
    """MLflow's experiment; a run without one leaves nothing in MLflow."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What a single run may be told otherwise."""
        return self.hyperparameters if self.task is None else {**self.hyperparameters, **self.task}

    @property
    def is_control(self) -> bool:
        """Whether a run starts other runs: it gets the stack's folder, not the user's code."""
        return self.module.startswith("mlops_iac_local.")


def definition(layout: Layout, component: str) -> Definition:
    """Return the definition of a job.

    Raises:
        OperationError: there is none in this stack.
    """
    document = read_json(layout.job(component) / DEFINITION)
    if document is None:
        raise OperationError(
            f"there is no job `{component}` in this stack",
            remedy="run `mlops-iac up` first, and name a job of the declaration",
        )
    return Definition(**document)


def write_definition(layout: Layout, made: Definition) -> None:
    """Keep a definition in its job's folder."""
    write_json(layout.job(made.component) / DEFINITION, asdict(made))


def changed(
    made: Definition,
    overrides: Mapping[str, Any],
    inputs: Mapping[str, str],
    features: Mapping[str, str],
) -> Definition:
    """Return a definition with other values and other data for one run, under a key of its own.

    Args:
        made: what is declared.
        overrides: values by name; of the task where it has the name, else hyperparameters.
        inputs: digests by the name of the input, instead of what is declared.
        features: versions by the name of the group, instead of what is declared.
    """
    if not overrides and not inputs and not features:
        return made
    told = made.task or {}
    own = {name: value for name, value in overrides.items() if name not in told}
    facts = {
        "key": made.key,
        "overrides": dict(overrides),
        "inputs": dict(inputs),
        "features": dict(features),
    }
    return replace(
        made,
        key=content_hash(facts, KEY_LENGTH),
        hyperparameters={**made.hyperparameters, **own},
        task=made.task
        and {**told, **{name: value for name, value in overrides.items() if name in told}},
        inputs={**made.inputs, **inputs},
        features={**made.features, **features},
        sources={name: value for name, value in made.sources.items() if name not in inputs},
    )


def reading(made: Definition, digest: str | None) -> Definition:
    """Return a definition under the key of a run that reads the model of `digest`."""
    if digest is None:
        return made
    return replace(made, key=content_hash({"key": made.key, "model": digest}, KEY_LENGTH))


def require_parameters(made: Definition, given: Mapping[str, Any]) -> None:
    """Refuse values for what a job has no parameter for.

    Raises:
        OperationError: names every one that is unknown, and the job's parameters.
    """
    unknown = [f"`{name}`" for name in given if name not in made.parameters]
    if unknown:
        known = ", ".join(f"`{name}`" for name in made.parameters) or "none"
        raise OperationError(
            f"job `{made.component}` has no parameter {', '.join(unknown)}",
            remedy=f"its parameters are: {known}",
        )
