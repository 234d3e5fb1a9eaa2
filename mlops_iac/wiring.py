"""What particular kinds ask of each other: outputs of jobs, gates, monitors, policies."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import Problem, Severity
from mlops_iac.specs import (
    DataRef,
    DataValidation,
    FeatureGroup,
    HyperparameterSearch,
    ModelEndpoint,
    ModelMonitor,
    Part,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    RetrainingPolicy,
    Spec,
    TrainingJob,
)

Specs = Mapping[str, Spec]


def wiring_problems(specs: Specs) -> Iterator[Problem]:
    """Yield what is wrong between kinds; references to nothing are reported elsewhere."""
    for spec in specs.values():
        yield from _wrong_outputs(spec, specs)
        rule = _RULES.get(type(spec))
        if rule is not None:
            yield from rule(spec, specs)


def data_refs(part: Part, prefix: str = "") -> Iterator[tuple[str, DataRef]]:
    """Yield all data that a spec names, with the field that names it."""
    for field in type(part).model_fields:
        yield from _data_in(getattr(part, field), f"{prefix}{field}")


def _data_in(value: Any, path: str) -> Iterator[tuple[str, DataRef]]:
    if isinstance(value, DataRef):
        yield path, value
    elif isinstance(value, Part):
        yield from data_refs(value, f"{path}.")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _data_in(item, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _data_in(item, f"{path}.{index}")


def producers(model: str, specs: Iterable[Spec]) -> tuple[TrainingJob, ...]:
    """Return the training jobs that add versions to `model`."""
    return tuple(spec for spec in specs if isinstance(spec, TrainingJob) and spec.model == model)


def trained_model(component: str, specs: Specs) -> str | None:
    """Return the model that a training job, or a search over one, adds versions to."""
    spec = specs.get(component)
    job = specs.get(spec.job) if isinstance(spec, HyperparameterSearch) else spec
    return str(job.model) if isinstance(job, TrainingJob) and job.model is not None else None


def training_job(step: Spec, specs: Specs) -> TrainingJob:
    """Return the training job that a step is, or that it searches over."""
    job = specs[str(step.job)] if isinstance(step, HyperparameterSearch) else step
    assert isinstance(job, TrainingJob)  # noqa: S101  planning knows what a reference names
    return job


def model_of(job: TrainingJob, specs: Specs) -> RegisteredModel | None:
    """Return the model that a job's runs are versions of."""
    model = specs.get(str(job.model)) if job.model else None
    return model if isinstance(model, RegisteredModel) else None


def training_steps(pipeline: Pipeline, specs: Specs) -> tuple[str, ...]:
    """Return the steps of a pipeline that make a model."""
    names = (str(step.run) for step in pipeline.steps)
    return tuple(name for name in names if trained_model(name, specs) is not None)


def waits_for(spec: Spec, specs: Specs) -> Iterator[str]:
    """Yield what must be built before `spec` although it does not name it.

    Whoever serves a model comes after the jobs that train it; whoever reads data after the
    contracts on it.
    """
    for model in _served(spec):
        for name in specs:
            if trained_model(name, specs) == model:
                yield name
    if not isinstance(spec, DataValidation):
        read = {str(data) for _, data in data_refs(spec)}
        for other in specs.values():
            if isinstance(other, DataValidation) and str(other.data) in read:
                yield other.name


def _served(spec: Spec) -> Iterator[str]:
    reference = getattr(spec, "model", None)
    if reference is not None and not isinstance(spec, TrainingJob):
        yield str(reference.name)


def _wrong_outputs(spec: Spec, specs: Specs) -> Iterator[Problem]:
    for field, data in data_refs(spec):
        source = specs.get(data.name)
        if isinstance(source, ProcessingJob) and data.output not in source.outputs:
            known = ", ".join(f"`{source.name}/{name}`" for name in source.outputs)
            yield _problem(
                spec, field, str(data), "data.output",
                f"the job `{source.name}` has no output `{data.output}`" if data.is_made
                else f"`{source.name}` is a job, and its output is not named",
                "names an output that the job declares", f"known: {known}",
            )  # fmt: skip
        elif source is not None and not isinstance(source, ProcessingJob) and data.is_made:
            yield _problem(
                spec, field, str(data), "data.output",
                f"`{source.name}` is a {source.kind} and has no outputs",
                "only a job has outputs", f"write `{source.name}`",
            )  # fmt: skip


def _training(spec: TrainingJob, specs: Specs) -> Iterator[Problem]:
    for index, name in enumerate(spec.features):
        group = specs.get(name)
        if isinstance(group, FeatureGroup) and not group.offline:
            yield _problem(
                spec, f"features.{index}", str(name), "features.no-history",
                f"`{name}` keeps no history", "training reads the offline store",
                f"set `offline: true` on `{name}`",
            )  # fmt: skip


def _search(spec: HyperparameterSearch, specs: Specs) -> Iterator[Problem]:
    job = specs.get(spec.job)
    if isinstance(job, TrainingJob) and job.metrics and spec.metric not in job.metrics:
        yield _problem(
            spec, "metric", spec.metric, "search.metric",
            f"`{job.name}` does not promise the metric `{spec.metric}`",
            f"one of its `metrics`: {', '.join(job.metrics)}",
            f"add it to `metrics` of `{job.name}`, and log it in the script",
        )  # fmt: skip


def _pipeline(spec: Pipeline, specs: Specs) -> Iterator[Problem]:
    yield from _stale_features(spec, specs)
    steps = training_steps(spec, specs)
    if spec.gates and len(steps) != 1:
        found = ", ".join(f"`{name}`" for name in steps) or "none"
        yield _problem(
            spec, "gates", None, "pipeline.candidate",
            f"the gates judge one candidate, and the steps that make a model are: {found}",
            "a pipeline with gates has one TrainingJob or HyperparameterSearch with a `model`",
            "keep one such step, or give its job a `model`",
        )  # fmt: skip


def _stale_features(spec: Pipeline, specs: Specs) -> Iterator[Problem]:
    steps = {str(step.run) for step in spec.steps}
    for name in training_steps(spec, specs):
        step = specs[name]
        job = specs.get(step.job) if isinstance(step, HyperparameterSearch) else step
        for group in job.features if isinstance(job, TrainingJob) else ():
            if group not in steps:
                found = _problem(
                    spec, "steps", str(group), "pipeline.stale-features",
                    f"no step fills `{group}`, whose features `{name}` trains on",
                    "without its step a group stays as the last `up` filled it",
                    f"add the step `{group}` before `{name}`",
                )  # fmt: skip
                yield replace(found, severity=Severity.WARNING)


def _endpoint(spec: ModelEndpoint, _: Specs) -> Iterator[Problem]:
    rival = spec.challenger.model if spec.challenger is not None else None
    if rival is None or (rival.name == spec.model.name and rival != spec.model):
        return
    is_same = rival == spec.model
    yield _problem(
        spec, "challenger.model", str(rival.name), "endpoint.challenger",
        "it is the version that is served" if is_same
        else f"`{rival.name}` is not the model that is served",
        "a challenger is another version of the same model",
        f"name another version or alias of `{spec.model.name}`",
    )  # fmt: skip


def _monitor(spec: ModelMonitor, specs: Specs) -> Iterator[Problem]:
    endpoint = specs.get(spec.endpoint)
    if isinstance(endpoint, ModelEndpoint) and endpoint.capture is None:
        yield _problem(
            spec, "endpoint", str(spec.endpoint), "monitor.no-capture",
            f"`{spec.endpoint}` keeps nothing of its traffic",
            "a monitor compares what the endpoint captured",
            f"set `capture: {{percent: 100}}` on `{spec.endpoint}`",
        )  # fmt: skip


def _policy(spec: RetrainingPolicy, specs: Specs) -> Iterator[Problem]:
    monitor, pipeline = specs.get(spec.monitor), specs.get(spec.pipeline)
    if isinstance(monitor, ModelMonitor):
        yield from _unwatched(spec, monitor)
    if isinstance(pipeline, Pipeline):
        yield from _unjudged(spec, pipeline)
    if isinstance(monitor, ModelMonitor) and isinstance(pipeline, Pipeline):
        yield from _other_model(spec, specs.get(monitor.endpoint), pipeline, specs)


def _unwatched(spec: RetrainingPolicy, monitor: ModelMonitor) -> Iterator[Problem]:
    if unknown := [signal.value for signal in spec.on if signal not in monitor.signals]:
        yield _problem(
            spec, "on", unknown, "retraining.signal",
            f"`{monitor.name}` does not watch {', '.join(f'`{name}`' for name in unknown)}",
            f"its signals: {', '.join(signal.value for signal in monitor.signals)}",
            f"add the signal to `{monitor.name}`",
        )  # fmt: skip


def _unjudged(spec: RetrainingPolicy, pipeline: Pipeline) -> Iterator[Problem]:
    if not pipeline.gates:
        yield _problem(
            spec, "pipeline", pipeline.name, "retraining.no-gate",
            f"nothing judges what `{pipeline.name}` trains",
            "what is promoted unattended has passed a gate",
            f"add `gates` to `{pipeline.name}`",
        )  # fmt: skip


def _other_model(
    spec: RetrainingPolicy, endpoint: Spec | None, pipeline: Pipeline, specs: Specs
) -> Iterator[Problem]:
    if not isinstance(endpoint, ModelEndpoint):
        return
    if endpoint.model.is_pinned:
        yield _problem(
            spec, "monitor", str(spec.monitor), "retraining.pinned",
            f"`{endpoint.name}` serves the pinned version `{endpoint.model.version}`",
            "a policy promotes by moving the alias that an endpoint follows",
            f"let it follow an alias: `model: {endpoint.model.name}@champion`",
        )  # fmt: skip
    made = {trained_model(name, specs) for name in training_steps(pipeline, specs)}
    if made and str(endpoint.model.name) not in made:
        yield _problem(
            spec, "pipeline", pipeline.name, "retraining.model",
            f"`{pipeline.name}` trains {', '.join(f'`{m}`' for m in sorted(filter(None, made)))}, "
            f"and `{endpoint.name}` serves `{endpoint.model.name}`",
            "the pipeline trains the model that the endpoint serves",
            "name another pipeline or monitor",
        )  # fmt: skip


_RULES: Mapping[type[Spec], Callable[[Any, Specs], Iterator[Problem]]] = {
    TrainingJob: _training,
    HyperparameterSearch: _search,
    Pipeline: _pipeline,
    ModelEndpoint: _endpoint,
    ModelMonitor: _monitor,
    RetrainingPolicy: _policy,
}


def _problem(  # noqa: PLR0913, PLR0917  a problem's parts in the order in which they are read
    spec: Spec, field: str, value: Any, code: str, message: str, rule: str, remedy: str
) -> Problem:
    return Problem(
        code=code,
        component=spec.name,
        field=field,
        value=value,
        message=message,
        rule=rule,
        remedy=remedy,
    )
