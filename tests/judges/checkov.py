"""Runs Checkov on a plan. Not a test."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlops_iac.testing import Registration
from tests.judges import terraform
from tests.judges.environment import program
from tests.judges.waivers import Failed


def judge(resources: Iterable[Registration], folder: Path) -> tuple[int, list[Failed]]:
    """Return how many checks passed, and what failed."""
    file = folder / "plan.json"
    file.write_text(terraform.text(resources))
    command = [str(program("checkov")), "--file", str(file), "--framework", "terraform_plan"]
    # It ends with 1 when it finds something: its report says what.
    done = subprocess.run(
        [*command, "--skip-download", "--compact", "--quiet", "--output", "json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    report = json.loads(done.stdout)
    assert not report["summary"]["parsing_errors"], done.stdout
    return report["summary"]["passed"], [_failed(item) for item in _failures(report)]


def _failures(report: dict[str, Any]) -> list[dict[str, Any]]:
    return report["results"]["failed_checks"]


def _failed(item: dict[str, Any]) -> Failed:
    return Failed(item["check_id"], item["resource"], item["check_name"])
