"""Steps that fill a feature group, and that join groups to the data of a training."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mlops_iac.data_flow import data_format
from mlops_iac.errors import ProviderError
from mlops_iac.feature_rules import feature_set
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.run_key import feature_facts
from mlops_iac.specs import DataRef, FeatureGroup, TrainingJob
from mlops_iac.specs.compute import Compute
from mlops_iac_azure import facts, names
from mlops_iac_azure.dataset import manifest_path
from mlops_iac_azure.features.document import Definition, history_key
from mlops_iac_azure.jobs.data import contracts_of, data_uri, made_uri
from mlops_iac_azure.jobs.processing import Processing, processing_step
from mlops_iac_azure.jobs.program import run_key
from mlops_iac_azure.jobs.steps import Step, joined
from mlops_iac_azure.jobs.wiring import Wiring

DATA, HISTORY, JOINED = "data", "history", "joined"
"""Input of a filling, its output, and the output of a join: a folder for each input."""
DATA_PREFIX, CONTRACT_PREFIX, GROUP_PREFIX = "data-", "contract-", "features-"
"""Beginnings of a join's inputs: what follows is the name of an input of the job, or a group."""
COMPUTE = Compute(cpu=4, memory_gb=16)
"""What filling and joining get: both hold a history in memory."""
FILL_TIMEOUT = timedelta(hours=12)
_WORK = ("python", "-m", "mlops_iac_azure.work")


def table_name(scope: Scope, group: str) -> str:
    """Return the table of a group in the account's Table Storage."""
    return scope.physical_name(names.TABLE, group)


def fill_key(spec: FeatureGroup, scope: Scope) -> str:
    """Return the key of a filling: the version of the group that `up` makes."""
    decides = {
        **feature_facts(spec, scope.project_dir, scope.specs),
        "group": spec.name,
        "format": data_format(spec.data, scope.specs),
        "offline": spec.offline,
        "online": spec.online,
    }
    return run_key(decides, scope)


def definition(spec: FeatureGroup, scope: Scope) -> Definition:
    """Return what a filling is told of the group."""
    return Definition(
        values=feature_set(spec, scope.specs),
        subscription=facts.subscription(scope),
        region=facts.region(scope),
        group=facts.group(scope),
        workspace=facts.workspace(scope),
        bucket=facts.bucket(scope),
        asset=facts.asset(scope, spec.name),
        table=table_name(scope, spec.name) if spec.online else None,
    )


def fill_steps(spec: FeatureGroup, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the step that fills a group; its version is the run's key."""
    work = Processing(
        job=spec.name,
        command=(*_WORK, "fill"),
        inputs={DATA: data_uri(spec.data, context, wiring)},
        task={
            "definition": definition(spec, context).document(),
            "version": wiring.run_key,
        },
        compute=COMPUTE,
        timeout=FILL_TIMEOUT,
        # Code of the user's runs under the other identities, and shall not write features.
        purpose=Purpose.PIPELINE,
    )
    return (processing_step(spec.name, work, context, wiring),)


def filled(spec: FeatureGroup, scope: Scope, wiring: Wiring) -> Wiring:
    """Return the wiring of steps after the one that fills a group in the same run."""
    return wiring.makes(spec.name, {HISTORY: history_uri(spec.name, scope, wiring.run_key)})


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
    made = made_uri(scope, name, wiring.run_key, JOINED)
    work = Processing(
        job=name,
        command=(*_WORK, "join"),
        inputs=join_inputs(sources, job, scope, wiring),
        task={
            "data": sorted(sources),
            "contracts": sorted(contracts_of(sources, scope)),
            "groups": sorted(map(str, job.features)),
        },
        compute=COMPUTE,
        timeout=job.timeout,
    )
    step = processing_step(f"{name}-join", work, scope, wiring)
    return (step,), replace(wiring, joined={each: joined(made, each) for each in sources})


def join_inputs(
    sources: Mapping[str, DataRef], job: TrainingJob, scope: Scope, wiring: Wiring
) -> dict[str, Any]:
    """Return the URI of each input of a join: data, what is declared of it, histories."""
    data = {DATA_PREFIX + name: data_uri(ref, scope, wiring) for name, ref in sources.items()}
    contracts = {
        CONTRACT_PREFIX + name: facts.address(scope, manifest_path(dataset, scope))
        for name, dataset in contracts_of(sources, scope).items()
    }
    histories = {
        GROUP_PREFIX + str(name): _history(str(name), scope, wiring) for name in job.features
    }
    return {**data, **contracts, **histories}


def history_uri(group: str, scope: Scope, version: str) -> str:
    """Return the folder of one version of a group's history."""
    return facts.address(scope, history_key(group, version))


def _history(name: str, scope: Scope, wiring: Wiring) -> str:
    """Return the history that a step of the same run makes, else the one of `up`."""
    made = wiring.made.get(f"{name}/{HISTORY}")
    if made is not None:
        return made
    group = scope.specs[name]
    if not isinstance(group, FeatureGroup):
        raise ProviderError(f"`{name}` was taken for a feature group although it is none")
    return history_uri(name, scope, fill_key(group, scope))
