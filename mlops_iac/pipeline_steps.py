"""The steps of a declared pipeline in their order, whatever a provider's steps are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, Self, TypeVar

from mlops_iac.jobs.defining import Job
from mlops_iac.provider import BuildContext
from mlops_iac.specs import Pipeline, Spec, TrainingJob
from mlops_iac.specs.types import duration_text
from mlops_iac.wiring import Specs, data_refs, model_of, trained_model, training_job, training_steps


class Step(Protocol):
    """One step."""

    def following(self, names: Iterable[str]) -> Self:
        """Return the step after these steps too."""
        ...

    def within(self, seconds: int) -> Self:
        """Return the step stopped `seconds` after the run has begun at the latest."""
        ...


class JudgedStep(Step, Protocol):
    """One step, which a judging step may keep from being done."""

    @property
    def name(self) -> str:
        """Its name in the pipeline."""
        ...

    def only_if(self, judge: str) -> Self:
        """Return the step done only when a judging step has said yes."""
        ...


class Wiring(Protocol):
    """Values that a step takes from elsewhere."""

    @property
    def made(self) -> Mapping[str, str]:
        """URI of data that a step of the same run makes, by its reference."""
        ...

    def makes(self, job: str, outputs: Mapping[str, str]) -> Self:
        """Return the wiring of steps after one that leaves these outputs in the same run."""
        ...

    def knowing(self, made: Mapping[str, str]) -> Self:
        """Return the wiring with more data that steps of the same run make."""
        ...


StepT = TypeVar("StepT", bound=Step)
JudgedT = TypeVar("JudgedT", bound=JudgedStep)
WiringT = TypeVar("WiringT", bound=Wiring)


@dataclass(frozen=True, kw_only=True)
class Making(Generic[StepT, WiringT]):
    """How a provider makes the steps of a pipeline."""

    steps: Mapping[type[Spec], Callable[[Any, BuildContext, WiringT], Sequence[StepT]]]
    """Those of each kind; the last one has the component's name."""
    after: Mapping[type[Spec], Callable[[Any, BuildContext, WiringT], WiringT]]
    """What the steps after one of a kind know besides, as it makes data."""
    conclusion: Callable[[Pipeline, BuildContext, WiringT], Sequence[StepT]]
    """What comes after all: the gates, and the registration of what was trained."""


def pipeline_steps(
    spec: Pipeline,
    making: Making[StepT, WiringT],
    context: BuildContext,
    wiring: WiringT,
) -> list[StepT]:
    """Return all steps: each after those before it, judging and registration after all."""
    found: list[StepT] = []
    wirings: dict[str, WiringT] = {}
    for name, before in spec.graph.items():
        step = context.specs[name]
        own = _merged(wiring, [wirings[each] for each in before])
        found += [one.following(before) for one in making.steps[type(step)](step, context, own)]
        after = making.after.get(type(step))
        wirings[name] = own if after is None else after(step, context, own)
    found += making.conclusion(spec, context, _merged(wiring, wirings.values()))
    return [step.within(int(spec.timeout.total_seconds())) for step in found]


def _merged(wiring: WiringT, before: Iterable[WiringT]) -> WiringT:
    for each in before:
        wiring = wiring.knowing(each.made)
    return wiring


def judged_registration(
    spec: Pipeline,
    context: BuildContext,
    wiring: WiringT,
    *,
    judging: Callable[[Pipeline, TrainingJob, BuildContext, WiringT, str], Sequence[JudgedT]],
    registering: Callable[..., JudgedT],
) -> list[JudgedT]:
    """Return the conclusion of a pipeline whose steps can each ask for a verdict.

    Args:
        spec: the pipeline.
        context: where it is built.
        wiring: what all steps have made.
        judging: makes the steps of the gates, the verdict's last.
        registering: makes the step that registers what a step has trained.
    """
    found: list[JudgedT] = []
    every = tuple(spec.graph)
    for name in training_steps(spec, context.specs):
        trainer = training_job(context.specs[name], context.specs)
        judges = judging(spec, trainer, context, wiring, name) if spec.gates else ()
        found += [step.following(every) for step in judges]
        model = model_of(trainer, context.specs)
        registered = registering(trainer, model, context, wiring, name)
        found.append(registered.only_if(judges[-1].name) if judges else registered.following(every))
    return found


def judge_name(spec: Pipeline) -> str:
    """Return the name of the step that judges."""
    return f"{spec.name}-gates"


def pipeline_needs(spec: Pipeline, specs: Specs) -> Iterator[str]:
    """Yield the components that a pipeline is built after: steps, their models, data."""
    for name in spec.graph:
        yield name
        if (model := trained_model(name, specs)) is not None:
            yield model
    for _, data in data_refs(spec):
        yield str(data.name)


def pipeline_job(spec: Pipeline, making: Making[StepT, WiringT], context: BuildContext) -> Job:
    """Return the job that a declared pipeline is; `up` runs none."""
    return Job(
        spec=spec,
        build=partial(pipeline_steps, spec, making, context),
        description=f"{', '.join(spec.graph)}; stopped after {duration_text(spec.timeout)}",
        field="steps",
        key=None,
        is_kept_by_execution=True,
        timeout_seconds=int(spec.timeout.total_seconds()),
        needs=[*pipeline_needs(spec, context.specs)],
        facts={"steps": list(spec.graph), "trains": list(training_steps(spec, context.specs))},
    )
