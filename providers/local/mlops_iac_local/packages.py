"""The packages that a job runs with: whether they are there, and their versions for its key."""

import platform as machine
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from mlops_iac.provider import Problem, Scope
from mlops_iac.run_key import requirements_digest
from mlops_iac.specs.jobs import ScriptJob
from mlops_iac.specs.training_job import Framework

DATA = ("numpy", "pandas", "pyarrow")
"""Distributions that every job reads data with."""
MODEL = ("mlflow", *DATA)
"""Distributions that every job with a model uses."""
FRAMEWORKS: Mapping[Framework, tuple[str, ...]] = {
    Framework.SKLEARN: ("scikit-learn", "skops"),
    Framework.XGBOOST: ("xgboost-cpu", "xgboost"),
    Framework.LIGHTGBM: ("lightgbm",),
    Framework.PYTORCH: ("torch",),
    Framework.OTHER: (),
}
"""Distributions of a framework; some are alternatives, and one of all must be there."""


def package_versions(distributions: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python, of this platform, and of the distributions that are there."""
    own = {"python": machine.python_version(), "platform": f"{sys.platform}-{machine.machine()}"}
    found = {name: installed(name) for name in distributions}
    return own | {name: number for name, number in found.items() if number is not None}


def job_packages(job: ScriptJob, scope: Scope, distributions: Iterable[str]) -> dict[str, str]:
    """Return `package_versions`, with the digest of the job's own requirements."""
    locked = requirements_digest(job, scope.project_dir)
    own = {} if locked is None else {"requirements": locked}
    return {**package_versions(distributions), **own}


def requirements_problems(job: ScriptJob, scope: Scope) -> Iterator[Problem]:
    """Yield a problem when a job's requirements file is not there."""
    if job.requirements is not None and not (scope.project_dir / job.requirements).is_file():
        yield Problem(
            code="job.no-requirements",
            component=job.name,
            field="requirements",
            value=job.requirements,
            message=f"there is no file `{job.requirements}`",
            rule=f"the path is relative to `{scope.project_dir}`",
            remedy="correct the path",
        )


def installed(distribution: str) -> str | None:
    """Return the version of a distribution in this Python, or `None`."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
