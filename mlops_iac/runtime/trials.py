"""Trials of a search, where the platform hands their parameters over as arguments.

Vertex AI adds `--NAME=VALUE` for each parameter, and reads the metrics from a file, as its library
`cloudml-hypertune` writes it: https://github.com/GoogleCloudPlatform/cloudml-hypertune
"""

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mlops_iac.container_contract import METRICS
from mlops_iac.runtime.files import write_atomically
from mlops_iac.runtime.hyperparameters import decode_value
from mlops_iac.runtime.layout import Layout, Trial

_ARGUMENT = re.compile(r"--(?P<name>[^=\s]+)=(?P<value>.*)", re.DOTALL)


def with_parameters(layout: Layout, arguments: Sequence[str]) -> tuple[Layout, list[str]]:
    """Return a trial's layout with its parameters, and the arguments that are none.

    What is no trial of such a platform is returned as it was.
    """
    if layout.trial is None:
        return layout, list(arguments)
    found = {each: _ARGUMENT.fullmatch(each) for each in arguments}
    given = {match["name"]: decode_value(match["value"]) for match in found.values() if match}
    merged = {**layout.hyperparameters, **given}
    return replace(layout, hyperparameters=merged), [e for e in arguments if not found[e]]


def report(trial: Trial | None, metrics: Mapping[str, float]) -> None:
    """Tell the metrics that the job promises to who compares the trials."""
    if trial is None:
        return
    wanted = [name for name in os.environ.get(METRICS, "").split(",") if name in metrics]
    lines = [_line(trial, name, metrics[name]) for name in wanted]
    trial.metrics_file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(trial.metrics_file, "".join(f"{line}\n" for line in lines).encode())


def _line(trial: Trial, name: str, value: float) -> str:
    told = {
        "timestamp": time.time(),
        "trial": trial.number,
        name: str(value),
        "global_step": "0",
        "checkpoint_path": "",
    }
    return json.dumps(told, sort_keys=True)
