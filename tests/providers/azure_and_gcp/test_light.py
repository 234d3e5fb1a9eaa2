"""Deploying stands on little: it runs inside containers that have none of these."""

import subprocess
import sys
import textwrap

import pytest


@pytest.mark.parametrize(
    ("absent", "modules", "unused"),
    [
        (
            "pulumi_azure_native",
            "mlops_iac_azure.serving.waking, mlops_iac_azure.work.serve",
            {"azure.storage.blob", "azure.identity", "requests"},
        ),
        ("pulumi_gcp", "mlops_iac_gcp.work.deploy", {"google.cloud.storage", "requests", "kfp"}),
    ],
    ids=["azure", "gcp"],
)
def test_deploying_needs_neither_pulumi_nor_pydantic(
    absent: str, modules: str, unused: set[str]
) -> None:
    program = f"""
        import sys
        sys.modules.update(dict.fromkeys(["pulumi", "pydantic", "{absent}"]))
        import {modules}
        assert not {unused} & sys.modules.keys()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
