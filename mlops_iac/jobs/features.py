"""Filling feature groups, and joining them to the data of a training: what the jobs do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from mlops_iac.data_flow import data_needs
from mlops_iac.errors import ProviderError
from mlops_iac.feature_rules import contracts_of
from mlops_iac.jobs.data import data_uri
from mlops_iac.jobs.defining import Job
from mlops_iac.jobs.keys import fill_key
from mlops_iac.jobs.processing import Processing
from mlops_iac.jobs.steps import Step
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.specs import DataRef, FeatureGroup, Spec, TrainingJob
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.jobs import RunPolicy, Wait
from mlops_iac.store_paths import data_prefix, history_key

DATA, HISTORY, JOINED = "data", "history", "joined"
"""Input of a filling, its output, and the output of a join: a folder for each input."""
DATA_PREFIX, CONTRACT_PREFIX, GROUP_PREFIX = "data-", "contract-", "features-"
"""Beginnings of a join's inputs: what follows is the name of an input of the job, or a group."""
COMPUTE = Compute(cpu=4, memory_gb=16)
"""What filling and joining get: both hold a history in memory."""
FILL_TIMEOUT = timedelta(hours=12)
StepT = TypeVar("StepT", bound=Step)
WiringT = TypeVar("WiringT", bound=Wiring)


def fill_job(spec: FeatureGroup, context: BuildContext, **own: Any) -> Job:
    """Return the filling of a group; `own` are its `build` and `uploads`."""
    return Job(
        spec=spec,
        description=spec.description or "fills its stores",
        field="data",
        key=fill_key(spec, context),
        timeout_seconds=int(FILL_TIMEOUT.total_seconds()),
        needs=data_needs([spec.data], context.specs),
        facts={"metric_names": ["rows"]},
        **own,
    )


def fill_wait(spec: FeatureGroup, specs: Mapping[str, Spec]) -> Wait:
    """Return what `up` waits for: the end, where a training that it runs reads the group."""
    is_read = any(
        isinstance(other, TrainingJob)
        and other.run is RunPolicy.ON_CHANGE
        and spec.name in map(str, other.features)
        for other in specs.values()
    )
    return Wait.FINISHED if is_read else Wait.SUBMITTED


def fill_work(
    spec: FeatureGroup,
    work: str,
    definition: Mapping[str, Any],
    scope: Scope,
    wiring: Wiring,
    **told: Any,
) -> Processing:
    """Return what fills a group; its version is the run's key.

    Args:
        spec: the group.
        work: the provider's module that does it.
        definition: what the provider tells it of the group.
        scope: the stack.
        wiring: what the steps before have made.
        told: what else the provider tells it.
    """
    return Processing(
        job=spec.name,
        command=("python", "-m", work, "fill"),
        inputs={DATA: data_uri(spec.data, scope, wiring)},
        task={"definition": definition, "version": wiring.run_key, **told},
        compute=COMPUTE,
        timeout=FILL_TIMEOUT,
        # Code of the user's runs under the other identities, and shall not write features.
        purpose=Purpose.PIPELINE,
    )


def filled(spec: FeatureGroup, _: Scope, wiring: WiringT) -> WiringT:
    """Return the wiring of steps after the one that fills a group in the same run."""
    return wiring.makes(spec.name, {HISTORY: history_uri(spec.name, wiring.run_key, wiring)})


def join_data(  # noqa: PLR0913  whose data, whose features, and how the provider joins
    name: str,
    sources: Mapping[str, DataRef],
    job: TrainingJob,
    scope: Scope,
    wiring: WiringT,
    *,
    work: str,
    step: Callable[[str, Processing, Scope, WiringT], StepT],
) -> tuple[tuple[StepT, ...], WiringT]:
    """Return the step that joins a training's features to data, and the wiring after it.

    Without features there is no step, and the wiring is as it was.

    Args:
        name: whose data they are; the step is called `<name>-join`.
        sources: the data, by the name of the input.
        job: whose features, and whose time.
        scope: the stack.
        wiring: what the steps before have made.
        work: the provider's module that does it.
        step: makes a step of it.
    """
    if not job.features:
        return (), wiring
    made = wiring.address(data_prefix(name, wiring.run_key, JOINED))
    joining = Processing(
        job=name,
        command=("python", "-m", work, "join"),
        inputs=join_inputs(sources, job, scope, wiring),
        task={
            "data": sorted(sources),
            "contracts": sorted(contracts_of(sources, scope.specs)),
            "groups": sorted(map(str, job.features)),
        },
        compute=COMPUTE,
        timeout=job.timeout,
    )
    joined = replace(wiring, joined={each: f"{made}/{each}" for each in sources})
    return (step(f"{name}-join", joining, scope, wiring),), joined


def join_inputs(
    sources: Mapping[str, DataRef], job: TrainingJob, scope: Scope, wiring: Wiring
) -> dict[str, str]:
    """Return the URI of each input of a join: data, what is declared of it, histories."""
    data = {DATA_PREFIX + name: data_uri(ref, scope, wiring) for name, ref in sources.items()}
    contracts = {
        CONTRACT_PREFIX + name: wiring.address(wiring.manifest(dataset, scope))
        for name, dataset in contracts_of(sources, scope.specs).items()
    }
    histories = {
        GROUP_PREFIX + str(name): _history(str(name), scope, wiring) for name in job.features
    }
    return {**data, **contracts, **histories}


def history_uri(group: str, version: str, wiring: Wiring) -> str:
    """Return the folder of one version of a group's history."""
    return wiring.address(history_key(group, version))


def _history(name: str, scope: Scope, wiring: Wiring) -> str:
    """Return the history that a step of the same run makes, else the one of `up`."""
    made = wiring.made.get(f"{name}/{HISTORY}")
    if made is not None:
        return made
    group = scope.specs[name]
    if not isinstance(group, FeatureGroup):
        raise ProviderError(f"`{name}` was taken for a feature group although it is none")
    return history_uri(name, fill_key(group, scope), wiring)
