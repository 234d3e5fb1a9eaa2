"""`TrainingJob` on this machine: a definition, and a run as a supervised process."""

import platform as machine
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlops_iac.content import code_problems
from mlops_iac.custom import register
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import requirements_digest, run_facts
from mlops_iac.specs.training_job import Framework, RunPolicy, TrainingJob, Wait
from mlops_iac_local.adapting import after, datasets, limits, nothing, output
from mlops_iac_local.jobs.definition import KEY_LENGTH
from mlops_iac_local.names import MLFLOW_NAME

_ALWAYS_USED = ("mlflow", "numpy", "pandas", "pyarrow")
DISTRIBUTIONS: Mapping[Framework, tuple[str, ...]] = {
    Framework.SKLEARN: ("scikit-learn", "skops"),
    Framework.XGBOOST: ("xgboost-cpu", "xgboost"),
    Framework.LIGHTGBM: ("lightgbm",),
    Framework.PYTORCH: ("torch",),
    Framework.OTHER: (),
}
"""Distributions whose versions are part of a run's key; the first of alternatives that is there."""


class TrainingJobAdapter:
    """Maps `TrainingJob`."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterable[Problem]:
        """Find scripts, requirements and libraries that are not there."""
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        if spec.requirements is not None and not (scope.project_dir / spec.requirements).is_file():
            yield Problem(
                code="training.no-requirements",
                component=spec.name,
                field="requirements",
                value=spec.requirements,
                message=f"there is no file `{spec.requirements}`",
                rule=f"the path is relative to `{scope.project_dir}`",
                remedy="correct the path",
            )
        elif spec.requirements is None and not _has_framework(spec.framework):
            yield Problem(
                code="training.no-framework",
                component=spec.name,
                field="framework",
                value=spec.framework.value,
                message=f"`{spec.framework}` is not installed in this Python",
                rule="without `requirements` a job runs with the packages of `mlops-iac` itself",
                remedy=f"install {' or '.join(DISTRIBUTIONS[spec.framework])}, or lock it in "
                "`requirements`",
            )

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register the definition and, with `run: on_change`, its run."""
        outcome = run_facts(spec, context.project_dir, context.specs)
        outcome["packages"] = _packages(spec, context)
        key = content_hash(outcome, KEY_LENGTH)
        needed = [*spec.inputs.values(), *([spec.model] if spec.model else [])]
        definition = register(
            "mlops-iac:local:JobDefinition",
            context.name(),
            _definition(spec, context, outcome, key),
            outputs=("definition",),
            opts=context.opts("script", **after(context, *needed)),
        )
        run = None
        if spec.run is RunPolicy.ON_CHANGE:
            run = register(
                "mlops-iac:local:JobRun",
                context.name("run"),
                {
                    "job": spec.name,
                    "kind": spec.kind,
                    "key": key,
                    "wait": (spec.wait or Wait.FINISHED).value,
                },
                outputs=("runId", "status", "modelVersion", "metrics", "outputs"),
                opts=context.opts("run", depends_on=[definition]),
            )
        return _outputs(definition, run, key)


def _outputs(definition: Any, run: Any, key: str) -> TrainingJobOutputs:
    import pulumi

    return TrainingJobOutputs(
        native_id=definition.id,
        console_url=nothing(),
        definition=output(definition, "definition"),
        key=pulumi.Output.from_input(key),
        run_id=nothing() if run is None else output(run, "runId"),
        model_version=nothing() if run is None else output(run, "modelVersion"),
        metrics=pulumi.Output.from_input({}) if run is None else output(run, "metrics"),
    )


def _definition(
    spec: TrainingJob, context: BuildContext, outcome: Mapping[str, Any], key: str
) -> dict[str, Any]:
    shared = ("code", "model", "framework", "packages", "hyperparameters", "metrics",
              "environment")  # fmt: skip
    return {
        **{name: outcome[name] for name in shared},
        "name": spec.name,
        "kind": spec.kind,
        "key": key,
        "module": "mlops_iac.runtime.train",
        "inputs": outcome["data"],
        "script": spec.script,
        "requirements": spec.requirements,
        "ignoredData": sorted(dataset.source for dataset in datasets(context.specs)),
        "limits": limits(spec.compute),
        "timeout": _timeout(spec),
        "maxWait": None if spec.spot is None else spec.spot.max_wait.total_seconds(),
        "experiment": context.physical_name(MLFLOW_NAME, spec.name),
        "tags": context.tags,
    }


def _packages(spec: TrainingJob, context: BuildContext) -> dict[str, str]:
    own = {"python": machine.python_version(), "platform": f"{sys.platform}-{machine.machine()}"}
    if (locked := requirements_digest(spec, context.project_dir)) is not None:
        own["requirements"] = locked
    for name in (*_ALWAYS_USED, *DISTRIBUTIONS[spec.framework]):
        if (found := _installed(name)) is not None:
            own[name] = found
    return own


def _has_framework(framework: Framework) -> bool:
    wanted = DISTRIBUTIONS[framework]
    return not wanted or any(_installed(name) for name in wanted)


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _timeout(spec: TrainingJob) -> float:
    seconds = spec.timeout.total_seconds()
    return seconds if spec.spot is None else min(seconds, spec.spot.max_wait.total_seconds())
