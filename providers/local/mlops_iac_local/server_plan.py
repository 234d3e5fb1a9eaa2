"""The settings of a model server, as its launcher reads them."""

import sys
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.custom import Properties
from mlops_iac_local import endpoints
from mlops_iac_local.layout import Layout

CAPTURE_SECONDS = 3
"""Age at which captured rows are written: a person at a laptop waits for the check of them."""


def server_plan(layout: Layout, inputs: Properties) -> dict[str, Any]:
    """Return the plan of an endpoint's server: command, environment, limits, policy."""
    endpoint = inputs["endpoint"]
    folder = layout.endpoint(endpoint)
    frame = endpoints.frame(layout, endpoint)
    return {
        "command": [sys.executable, "-m", "mlops_iac.runtime.serve"],
        "home": str(folder / "work"),
        "environment": dict(inputs["environment"]),
        "limits": dict(inputs["limits"]),
        "model": inputs["model"],
        "alias": inputs.get("alias"),
        "timeout": inputs["timeout"],
        # The server reads its token at start: another token is another plan.
        "token_mark": endpoints.token_mark(layout, endpoint),
        "fixed": {
            contract.HOST: endpoints.HOST,
            contract.PORT: str(frame.port),
            contract.TOKEN_FILE: str(endpoints.token_file(layout, endpoint)),
            contract.DEPLOYMENT_FILE: str(folder / endpoints.DEPLOYMENT),
            contract.MODEL_NAME: frame.model,
            contract.TIMEOUT_SECONDS: str(inputs["timeout"]),
            contract.DRAIN_SECONDS: str(max(1, int(inputs["timeout"]))),
            **_capture(layout, inputs),
        },
    }


def _capture(layout: Layout, inputs: Properties) -> dict[str, str]:
    if inputs.get("capturePercent") is None:
        return {}
    return {
        contract.CAPTURE_DIR: str(layout.endpoint(inputs["endpoint"]) / "capture"),
        contract.CAPTURE_PERCENT: str(inputs["capturePercent"]),
        contract.CAPTURE_SECONDS: str(CAPTURE_SECONDS),
    }
