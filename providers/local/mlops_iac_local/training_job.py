"""`TrainingJob` on this machine: a definition, and a run as a supervised process."""

import platform as machine
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlops_iac.custom import register
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.specs.dataset import Dataset
from mlops_iac.specs.training_job import Framework, RunPolicy, TrainingJob, Wait
from mlops_iac_local.adapting import after, datasets, environment, limits, nothing, output
from mlops_iac_local.code import code_files
from mlops_iac_local.content import digest_of, file_digest, source_files
from mlops_iac_local.errors import LocalError
from mlops_iac_local.names import MLFLOW_NAME

KEY_LENGTH = 16
"""Hex digits of a run's key."""

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
        if spec.script is not None:
            yield from _check_script(spec, scope)
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
        facts = _facts(spec, context)
        key = content_hash(_key_facts(facts), KEY_LENGTH)
        needed = [*spec.inputs.values(), *([spec.model] if spec.model else [])]
        definition = register(
            "mlops-iac:local:TrainingDefinition",
            context.name(),
            {**facts, "key": key},
            outputs=("definition",),
            opts=context.opts("script", **after(context, *needed)),
        )
        run = None
        if spec.run is RunPolicy.ON_CHANGE:
            run = register(
                "mlops-iac:local:TrainingRun",
                context.name("run"),
                {"job": spec.name, "key": key, "wait": (spec.wait or Wait.FINISHED).value},
                outputs=("runId", "status", "modelVersion", "metrics"),
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


def _check_script(spec: TrainingJob, scope: Scope) -> Iterable[Problem]:
    try:
        code_files(spec, scope.project_dir, datasets(scope.specs))
    except LocalError as error:
        yield Problem(
            code="training.code",
            component=spec.name,
            field="script",
            value=spec.script,
            message=error.message,
            rule="the script's folder travels with it",
            remedy=error.remedy,
        )


def _facts(spec: TrainingJob, context: BuildContext) -> dict[str, Any]:
    own = list(datasets(context.specs))
    return {
        "name": spec.name,
        "script": spec.script,
        "code": digest_of(code_files(spec, context.project_dir, own)),
        "ignoredData": sorted(dataset.source for dataset in own),
        "data": {name: _version(ref, context) for name, ref in spec.inputs.items()},
        "model": None if spec.model is None else str(spec.model),
        "framework": spec.framework.value,
        "requirements": spec.requirements,
        "packages": _packages(spec, context),
        "hyperparameters": dict(spec.hyperparameters),
        "metrics": list(spec.metrics),
        "limits": limits(spec.compute),
        "timeout": _timeout(spec),
        "maxWait": None if spec.spot is None else spec.spot.max_wait.total_seconds(),
        "environment": environment(spec.environment),
        "experiment": context.physical_name(MLFLOW_NAME, spec.name),
        "tags": context.tags,
    }


_NOT_IN_KEY = frozenset(
    {"name", "script", "ignoredData", "requirements", "maxWait", "experiment", "tags"}
)
"""What changes nothing in a run's outcome; files count by their content, not by their path."""


def _key_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in facts.items() if name not in _NOT_IN_KEY}
    return {**kept, "job": facts["name"], "entry": str(facts["script"]).rpartition("/")[2]}


def _version(name: str, context: BuildContext) -> str:
    # The same digest as the dataset's own: known while planning, so a preview says exactly
    # whether a run would start.
    dataset = context.specs[name]
    assert isinstance(dataset, Dataset)  # noqa: S101  planning has judged the reference
    return digest_of(source_files(dataset.source, context.project_dir))


def _packages(spec: TrainingJob, context: BuildContext) -> dict[str, str]:
    own = {"python": machine.python_version(), "platform": f"{sys.platform}-{machine.machine()}"}
    if spec.requirements is not None:
        own["requirements"] = file_digest(context.project_dir / spec.requirements)
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
