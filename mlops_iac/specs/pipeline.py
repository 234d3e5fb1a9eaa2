"""Steps in their order, a gate, and the registration of what passed."""

from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec
from mlops_iac.specs.gate import Gate
from mlops_iac.specs.schedule import Cron, Every, Schedule
from mlops_iac.specs.types import Duration, Ref

Runnable = Literal[
    "ProcessingJob",
    "DataValidation",
    "FeatureGroup",
    "TrainingJob",
    "HyperparameterSearch",
    "BatchInference",
]
"""Kinds that a step can run; a feature group is filled with its data as it is then."""


class Step(Part):
    """A component that is run, and what must have ended well before."""

    run: Ref[Runnable]
    """The component; also the step's name."""
    after: tuple[str, ...] | None = None
    """Steps that must have ended well; the one written before this when left out."""

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        name = getattr(value, "name", value)
        return {"run": name} if isinstance(name, str) else value


class Pipeline(Spec):
    """Runs components in their order on the data as it is now; registers a model that passes."""

    kind: ClassVar[str] = "Pipeline"

    steps: tuple[Step, ...] = Field(min_length=1, max_length=50)
    """Names of components, in order; `{run: NAME, after: [NAME]}` where the order is another."""
    gates: tuple[Gate, ...] = Field(default=(), max_length=10)
    """What the model of the training step must achieve to be registered; all of them."""
    schedule: Schedule | None = None
    """When it runs by itself; never when left out."""
    timeout: Duration = timedelta(hours=12)
    """A run that takes longer is stopped and failed."""

    asks = (
        Ask(Capability.PIPELINE_STEPS, "steps", lambda _: True),
        Ask(Capability.PIPELINE_GATES, "gates", lambda s: bool(s.gates)),
        Ask(Capability.SCHEDULE_CRON, "schedule", lambda s: isinstance(s.schedule, Cron)),
        Ask(Capability.SCHEDULE_EVERY, "schedule", lambda s: isinstance(s.schedule, Every)),
    )

    @model_validator(mode="after")
    def _is_ordered(self) -> "Pipeline":
        names = [str(step.run) for step in self.steps]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PydanticCustomError(
                "twice",
                "has the step {names} twice",
                {"names": ", ".join(f"`{name}`" for name in twice)},
            )
        for index, step in enumerate(self.steps):
            if unknown := sorted(set(step.after or ()) - set(names[:index])):
                raise PydanticCustomError(
                    "after",
                    "step `{step}` comes after {names}, which is no step written before it",
                    {"step": str(step.run), "names": ", ".join(f"`{n}`" for n in unknown)},
                )
        return self

    @property
    def graph(self) -> dict[str, tuple[str, ...]]:
        """The steps, each with those that must have ended well before it."""
        names = [str(step.run) for step in self.steps]
        before = [(), *((name,) for name in names[:-1])]
        return {
            name: default if step.after is None else step.after
            for name, step, default in zip(names, self.steps, before, strict=True)
        }
