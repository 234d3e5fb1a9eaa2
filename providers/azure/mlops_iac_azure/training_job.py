"""Training: checks, and the key that decides whether a run is due."""

from collections.abc import Iterator
from datetime import timedelta

from mlops_iac.content import code_problems
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope, content_hash
from mlops_iac.run_key import requirements_digest, run_facts
from mlops_iac.specs import TrainingJob
from mlops_iac_azure.compute import Use, compute_problems
from mlops_iac_azure.names import HASH_DIGITS
from mlops_iac_azure.provider import PROVIDER
from mlops_iac_azure.variables import variable_problems

_LONGEST = timedelta(days=21)
_LONGEST_SPOT = timedelta(days=7)
_LIMITS = "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"


class TrainingJobAdapter:
    """Maps `TrainingJob` to code, environment and component versions, and a run of our own."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterator[Problem]:
        """Yield what Azure refuses of a training job."""
        yield from compute_problems(spec.name, spec.compute, Use.TRAINING)
        yield from variable_problems(spec.name, spec.environment)
        yield from _time_problems(spec)
        yield from _input_problems(spec)
        yield from code_problems(spec, scope.project_dir, scope.specs.values())

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register the definition and, with `run: on_change`, the run."""
        from mlops_iac_azure.frame.training_job import build_training_job

        return build_training_job(spec, context)


def input_name(name: str) -> str:
    """Return the name of an input as Azure ML and a shell take it."""
    return name.replace("-", "_")


def wait_of(spec: TrainingJob) -> str:
    """Return what `up` waits for: on a cloud the submission, when a declaration is silent."""
    return spec.wait.value if spec.wait else PROVIDER.default_wait


def environment_hash(spec: TrainingJob, scope: Scope) -> str:
    """Return the hash of what the program runs in: image, library and locked requirements."""
    locked = requirements_digest(spec, scope.project_dir)
    parts = [spec.image or scope.platform.runtime_image, spec.framework.value, locked]
    return content_hash(parts, HASH_DIGITS)


def run_key(spec: TrainingJob, scope: Scope) -> str:
    """Return the hash of code, data, parameters and environment: a new key is a new run."""
    facts = run_facts(spec, scope.project_dir, scope.specs)
    return content_hash({**facts, "runtime_image": scope.platform.runtime_image}, HASH_DIGITS)


def _time_problems(spec: TrainingJob) -> Iterator[Problem]:
    longest = _LONGEST_SPOT if spec.spot else _LONGEST
    if not timedelta(0) < spec.timeout <= longest:
        yield Problem(
            code="timeout.out-of-range",
            component=spec.name,
            field="timeout",
            value=str(spec.timeout),
            message=f"a job may run for at most {longest.days} days, and for more than none",
            rule=_LIMITS,
            remedy=f"set `timeout` to at most `{longest.days}d`, and save checkpoints",
        )
    if spec.spot is not None and spec.spot.max_wait < spec.timeout:
        yield Problem(
            code="spot.too-short",
            component=spec.name,
            field="spot.max_wait",
            value=str(spec.spot.max_wait),
            message="the whole wait is shorter than the run may take",
            rule="`spot.max_wait` counts the run and its interruptions, so it is the longer one",
            remedy="raise `spot.max_wait`, or lower `timeout`",
        )


def _input_problems(spec: TrainingJob) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in spec.inputs:
        slug = input_name(name)
        if not slug.isidentifier() or not slug.isascii():
            yield _input_problem(spec, name, f"`{name}` cannot name an input")
        elif slug in seen:
            yield _input_problem(spec, name, f"`{name}` and `{seen[slug]}` become one name")
        seen.setdefault(slug, name)


def _input_problem(spec: TrainingJob, name: str, message: str) -> Problem:
    return Problem(
        code="data.illegal-name",
        component=spec.name,
        field=f"data.{name}",
        value=name,
        message=message,
        rule="letters, digits, `_` and `-`; `-` becomes `_`, and no two names are the same then",
        remedy="rename the input",
    )
