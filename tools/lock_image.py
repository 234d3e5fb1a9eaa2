"""Write the lock of the runtime image: `python -m tools.lock_image`.

What `pyproject.toml` names for the runtime and its jobs, and what the clouds' own work needs,
pinned by hash to the versions that the tests of this repository ran with. Wheels only: a build
runs no stranger's `setup.py`.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "mlops_iac" / "image" / "requirements.lock"
EXTRAS = ("runtime", "monitoring")
ADDED = (
    "azure-data-tables",  # with the next two: Azure's own work
    "azure-identity",
    "azure-storage-blob",
    "boto3",  # reads secrets, and does AWS's own work under the workload's identity
    "duckdb",  # joins features to the rows of a training
    "google-cloud-bigquery",  # with the next: Google Cloud's own work, and `google-auth` with both
    "google-cloud-storage",
    "sagemaker-mlflow",  # MLflow's way to a tracking URI that is an ARN, signed
)
PYTHON, PLATFORM = "3.11", "x86_64-manylinux_2_28"
"""Of the base image in `mlops_iac/image/Dockerfile`."""


def wanted() -> list[str]:
    """Return what the image needs, unpinned."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    named = [item for extra in EXTRAS for item in extras[extra]]
    return [item for item in named if not item.startswith(project["name"])] + [*ADDED]


def main() -> int:
    """Resolve, and write the lock; needs `uv` and the package index."""
    command = [
        "uv", "pip", "compile", "--quiet", "--no-annotate", "--no-header",
        "--only-binary", ":all:", "--generate-hashes",
        "--python-version", PYTHON, "--python-platform", PLATFORM,
        "--constraint", str(ROOT / "requirements.lock"),
        "--output-file", str(LOCK), *sys.argv[1:], "-",
    ]  # fmt: skip
    return subprocess.run(command, input="\n".join(wanted()), text=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
