"""Runs Checkov on plans. Not a test."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.testing import Registration
from tests.judges import arm, terraform
from tests.judges.environment import program
from tests.judges.waivers import Failed

_GENERIC = 1000
"""A rule on more types than this is one on providers, and says nothing of a type."""
_TYPE = r"(?:aws|google)_\w+|Microsoft\.[\w./]+"
_ROW = re.compile(rf"\|\s*\d+ \| (CKV\w+)\s*\| resource\s+\| ({_TYPE})\s*\|")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What it says of one plan."""

    passed: int
    failed: tuple[Failed, ...]


def judge(plans: Mapping[str, Iterable[Registration]], folder: Path) -> dict[str, Report]:
    """Return the report on each plan, by its name, judged as plans of Terraform."""
    texts = {name: terraform.text(resources) for name, resources in plans.items()}
    return _judged(texts, folder, "terraform_plan")


def judge_templates(plans: Mapping[str, Iterable[Registration]], folder: Path) -> dict[str, Report]:
    """Return the report on each plan on Azure, by its name, judged as ARM templates."""
    texts = {name: arm.template(resources) for name, resources in plans.items()}
    return _judged(texts, folder, "arm")


def _judged(texts: Mapping[str, str], folder: Path, framework: str) -> dict[str, Report]:
    # One run for all, since the start is slow.
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text)
    files = [str(folder / f"{name}.json") for name in texts]
    found = json.loads(_say("--file", *files, "--framework", framework, "--output", "json"))
    assert not found["summary"]["parsing_errors"], found["summary"]
    return {name: _report(found["results"], f"{name}.json") for name in texts}


def ruled_types(framework: str = "terraform") -> frozenset[str]:
    """Return the types that it has a rule of their own for: of Terraform, or of `arm`."""
    types: dict[str, set[str]] = {}
    for rule, kind in _ROW.findall(_say("--list", "--framework", framework)):
        types.setdefault(rule, set()).add(kind)
    return frozenset(kind for found in types.values() if len(found) < _GENERIC for kind in found)


def _say(*arguments: str) -> str:
    # It ends with 1 when it finds something: its report says what.
    done = subprocess.run(
        [str(program("checkov")), *arguments, "--skip-download", "--compact"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout


def _report(results: Mapping[str, Any], file: str) -> Report:
    passed, failed = (
        [item for item in results[key] if item["file_path"].endswith(f"/{file}")]
        for key in ("passed_checks", "failed_checks")
    )
    return Report(passed=len(passed), failed=tuple(_failed(item) for item in failed))


def _failed(item: Mapping[str, Any]) -> Failed:
    return Failed(item["check_id"], item["resource"], item["check_name"])
