"""Steps that fill a feature group, and that join groups to the data of a training."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.data_flow import data_format
from mlops_iac.errors import ProviderError
from mlops_iac.feature_rules import contracts_of
from mlops_iac.jobs.features import COMPUTE, FILL_TIMEOUT
from mlops_iac.jobs.keys import fill_key
from mlops_iac.provider import Scope, content_hash
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac.specs import DataRef, FeatureGroup, TrainingJob
from mlops_iac_aws import names, place
from mlops_iac_aws.dataset import contract_uri
from mlops_iac_aws.features import mounts
from mlops_iac_aws.features.document import GROUP, Definition
from mlops_iac_aws.jobs.data import data_uri, made_uri
from mlops_iac_aws.jobs.processing import Processing, processing_step
from mlops_iac_aws.jobs.steps import Step, joined
from mlops_iac_aws.jobs.wiring import Wiring

_WORK = ("python", "-m", "mlops_iac_aws.work")


def definition(spec: FeatureGroup, scope: Scope) -> Definition:
    """Return what a filling is told."""
    values = FeatureSet(
        name=spec.name,
        format=str(data_format(spec.data, scope.specs)),
        entities=list(spec.entities),
        event_time=spec.event_time,
        features={name: kind.value for name, kind in spec.features.items()},
        ttl=None if spec.ttl is None else int(spec.ttl.total_seconds()),
        offline=spec.offline,
        online=spec.online,
    )
    return Definition(
        values=values,
        group=names.feature_group(scope, spec.name),
        bucket=names.bucket(scope),
        prefix=place.features_key(spec.name),
    )


def definition_key(spec: FeatureGroup, scope: Scope) -> str:
    """Return where the definition lies in the bucket: alone in its folder."""
    digest = content_hash(definition(spec, scope).written(), 16)
    return f"{place.features_key(spec.name)}definition/{digest}/{GROUP}"


def fill_steps(spec: FeatureGroup, scope: Scope, wiring: Wiring) -> tuple[Step, ...]:
    """Return the step that fills a group; its version is the run's key."""
    folder = definition_key(spec, scope).rpartition("/")[0]
    work = Processing(
        job=spec.name,
        command=(*_WORK, "fill", wiring.run_key),
        inputs={
            mounts.DATA: data_uri(spec.data, scope, wiring),
            mounts.DEFINITION: f"{place.artifact_root(scope)}/{folder}/",
        },
        outputs={mounts.HISTORY: history_uri(spec.name, scope, wiring.run_key)},
        compute=COMPUTE,
        timeout=FILL_TIMEOUT,
        # It reads and writes the stores through their APIs.
        is_isolated=False,
        purpose=names.fill_role(spec.name),
    )
    return (processing_step(spec.name, work, scope, wiring),)


def filled(spec: FeatureGroup, scope: Scope, wiring: Wiring) -> Wiring:
    """Return the wiring of steps after the one that fills a group in the same run."""
    uri = history_uri(spec.name, scope, wiring.run_key)
    return wiring.makes(spec.name, {mounts.HISTORY: uri})


def join_steps(job: TrainingJob, scope: Scope, wiring: Wiring) -> tuple[tuple[Step, ...], Wiring]:
    """Return the step before a training that joins its features, and the training's wiring.

    Without features there is no step, and the wiring is as it was.
    """
    return join_data(job.name, job.sources, job, scope, wiring)


def join_data(
    name: str, sources: Mapping[str, DataRef], job: TrainingJob, scope: Scope, wiring: Wiring
) -> tuple[tuple[Step, ...], Wiring]:
    """Return the step that joins a training's features to data, and the wiring after it.

    Args:
        name: whose data they are; the step is called `<name>-join`.
        sources: the data, by the name of the input.
        job: whose features, and whose time.
        scope: the stack.
        wiring: what the steps before have made.
    """
    if not job.features:
        return (), wiring
    made = made_uri(scope, name, wiring.run_key, mounts.JOINED)
    work = Processing(
        job=name,
        command=(*_WORK, "join"),
        inputs=join_inputs(sources, job, scope, wiring),
        outputs={mounts.JOINED: made},
        compute=COMPUTE,
        timeout=job.timeout,
    )
    step = processing_step(f"{name}-join", work, scope, wiring)
    return (step,), replace(wiring, joined={each: _beneath(made, each) for each in sources})


def join_inputs(
    sources: Mapping[str, DataRef], job: TrainingJob, scope: Scope, wiring: Wiring
) -> dict[str, Any]:
    """Return the URI of each input of a join: data, what is declared of it, histories."""
    data = {
        mounts.DATA_PREFIX + name: data_uri(ref, scope, wiring) for name, ref in sources.items()
    }
    contracts = {
        mounts.CONTRACT_PREFIX + name: contract_uri(dataset, scope)
        for name, dataset in contracts_of(sources, scope.specs).items()
    }
    histories = {
        mounts.GROUP_PREFIX + str(name): _history(str(name), scope, wiring) for name in job.features
    }
    return {**data, **contracts, **histories}


def history_uri(group: str, scope: Scope, version: Any) -> Any:
    """Return the folder of one version of a group's history."""
    root = f"{place.artifact_root(scope)}/{place.features_key(group)}history"
    return joined(root, version)


def _history(name: str, scope: Scope, wiring: Wiring) -> Any:
    """Return the history that a step of the same run makes, else the one of `up`."""
    made = wiring.made.get(f"{name}/{mounts.HISTORY}")
    if made is not None:
        return made
    group = scope.specs[name]
    if not isinstance(group, FeatureGroup):
        raise ProviderError(f"`{name}` was taken for a feature group although it is none")
    return history_uri(name, scope, fill_key(group, scope))


def _beneath(uri: Any, name: str) -> Any:
    # It ends with `/`: a prefix of S3 also stands for what only begins with the same letters.
    if isinstance(uri, Mapping):
        return joined(*uri["Std:Join"]["Values"], name, "")
    return joined(uri, name, "")
