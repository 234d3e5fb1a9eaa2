"""Runs Prowler against a running test cloud. Not a test."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clouds.aws.running import Cloud
from tests.judges.environment import program
from tests.judges.waivers import Failed

SERVICES = ("sagemaker", "s3", "ecr", "kms", "iam")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What it says: rule and resource of each check."""

    passed: frozenset[tuple[str, str]]
    failed: tuple[Failed, ...]


def judge(cloud: Cloud, folder: Path) -> Report:
    """Return what Prowler says of everything in `cloud`."""
    command = [str(program("prowler")), "aws", "--services", *SERVICES, "--region", cloud.region]
    written = ["--output-formats", "json-ocsf", "--output-directory", str(folder)]
    # It ends with 3 when it finds something: its report says what.
    subprocess.run(
        [*command, *written, "--output-filename", "report", "--no-banner", "-z"],
        env={**os.environ, **cloud.environment, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )
    entries = json.loads((folder / "report.ocsf.json").read_text())
    return Report(
        passed=frozenset(_place(entry) for entry in entries if entry["status_code"] == "PASS"),
        failed=tuple(_failed(entry) for entry in entries if entry["status_code"] == "FAIL"),
    )


def _place(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["metadata"]["event_code"], entry["resources"][0]["uid"]


def _failed(entry: Mapping[str, Any]) -> Failed:
    return Failed(*_place(entry), entry["status_detail"])
