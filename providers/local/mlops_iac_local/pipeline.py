"""`Pipeline` on this machine: a definition whose runs start the steps' runs, and its schedule."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_iac.data_flow import data_format, unreadable_data
from mlops_iac.outputs import PipelineOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.specs import Dataset, Gate, HyperparameterSearch, Pipeline, Spec
from mlops_iac.specs.jobs import data_inputs
from mlops_iac.wiring import data_refs, trained_model, training_steps
from mlops_iac_local.adapting import nothing
from mlops_iac_local.job_adapting import register_job, register_schedule
from mlops_iac_local.jobs.definition import KEY_LENGTH


class PipelineAdapter:
    """Maps `Pipeline`."""

    def check(self, spec: Pipeline, scope: Scope) -> Iterable[Problem]:
        """Find data of gates that has no rows."""
        for gate in spec.gates:
            yield from unreadable_data(spec, gate.data, scope.specs)

    def build(self, spec: Pipeline, context: BuildContext) -> PipelineOutputs:
        """Register the pipeline with its steps, gates and schedule."""
        import pulumi

        task = _task(spec, context.specs)
        job = register_job(
            spec,
            context,
            {
                "key": content_hash(task, KEY_LENGTH),
                "module": "mlops_iac_local.pipelines",
                "task": task,
            },
            field="steps",
            needs=_needs(spec, context.specs),
            wait=None,
        )
        if spec.schedule is not None:
            register_schedule(spec, context, spec.schedule, after=[job.definition])
        return PipelineOutputs(
            native_id=job.definition.id,
            console_url=nothing(),
            pipeline_name=pulumi.Output.from_input(spec.name),
        )


def _task(spec: Pipeline, specs: Mapping[str, Spec]) -> dict[str, Any]:
    """Return what a run is told; `keys`, `data` and `champion` are known when it is started."""
    trained = training_steps(spec, specs)
    candidate = trained[0] if len(trained) == 1 else ""
    inputs = {str(step.run): _inputs(specs[str(step.run)], specs) for step in spec.steps}
    gates = [_gate(gate, specs) for gate in spec.gates]
    read = [source for names in inputs.values() for source in names.values()]
    read += [gate["source"] for gate in gates]
    return {
        "steps": [
            {"name": name, "kind": specs[name].kind, "after": list(before)}
            for name, before in spec.graph.items()
        ],
        "inputs": inputs,
        "gates": gates,
        "candidate": candidate,
        "model": trained_model(candidate, specs) or "",
        "trainer": candidate and _trainer(specs[candidate]),
        "datasets": sorted({name for name in read if isinstance(specs.get(name), Dataset)}),
        "keys": {},
        "data": {},
        "champion": {},
    }


def _inputs(step: Spec, specs: Mapping[str, Spec]) -> dict[str, str]:
    if isinstance(step, HyperparameterSearch):
        return _inputs(specs[str(step.job)], specs)
    data = getattr(step, "data", None)
    return {} if data is None else {name: str(ref) for name, ref in data_inputs(data).items()}


def _gate(gate: Gate, specs: Mapping[str, Spec]) -> dict[str, Any]:
    source, form = str(gate.data), data_format(gate.data, specs)
    return {
        "input": source.replace("/", "_"),
        "source": source,
        "format": "" if form is None else form.value,
        "metric": gate.metric.value,
        "label": gate.label,
        "threshold": gate.threshold,
        "margin": gate.margin,
    }


def _trainer(step: Spec) -> str:
    return str(step.job) if isinstance(step, HyperparameterSearch) else step.name


def _needs(spec: Pipeline, specs: Mapping[str, Spec]) -> Iterator[str]:
    for step in spec.steps:
        yield str(step.run)
        if (model := trained_model(str(step.run), specs)) is not None:
            yield model
    for _, data in data_refs(spec):
        yield str(data.name)
