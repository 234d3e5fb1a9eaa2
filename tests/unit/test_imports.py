"""What an import loads, in processes of their own, and that the public names are whole.

Proves that nothing heavy is loaded before it is used. Limit: modules by name, not milliseconds;
`benchmarks/cli_start.py` measures those.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mlops_iac

HEAVY = {
    "azure", "boto3", "botocore", "google.auth", "google.cloud.bigquery", "google.cloud.storage",
    "googleapiclient", "grpc", "kfp", "mlflow", "numpy", "pandas", "pulumi", "pulumi_aws",
    "pulumi_aws_native", "pulumi_azure_native", "pulumi_gcp", "requests", "rich", "sklearn",
    "torch",
}  # fmt: skip


EXAMPLE = Path(__file__).parents[2] / "examples" / "first_endpoint"


def _loaded(statement: str) -> set[str]:
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["mlops_iac", "mlops_iac.cli", "mlops_iac.cli.main"])
def test_an_import_loads_nothing_heavy(module: str) -> None:
    assert _loaded(f"import {module}") & (HEAVY | {"pydantic"}) == set()


def test_a_declaration_loads_no_pulumi() -> None:
    assert _loaded("from mlops_iac import Dataset, Stack, load_manifest") & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    run = (
        "import contextlib, io\nfrom mlops_iac.cli.main import app\nsys.argv = ['x', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): app()"
    )

    assert _loaded(run) & (HEAVY | {"pydantic"}) == set()


def test_public_names_are_sorted_and_exist() -> None:
    assert sorted(mlops_iac.__all__) == mlops_iac.__all__
    assert all(getattr(mlops_iac, name) is not None for name in mlops_iac.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute `Nothing`"):
        _ = mlops_iac.Nothing


@pytest.mark.parametrize("stack", ["aws", "gcp"])
def test_planning_loads_no_sdk_of_a_cloud(stack: str) -> None:
    """Only building needs the official packages. Limit: Azure's adapters still import theirs."""
    run = (
        "from pathlib import Path\nfrom mlops_iac.manifest import load_manifest\n"
        "from mlops_iac.planning import plan\n"
        f"found = load_manifest(Path({str(EXAMPLE)!r}), stack={stack!r})\n"
        f"plan(found, stack={stack!r})"
    )
    official = {"pulumi_aws", "pulumi_aws_native", "pulumi_gcp"}
    sdks = official | {"boto3", "botocore", "google.auth", "google.cloud.storage", "kfp"}

    assert _loaded(run) & sdks == set()
