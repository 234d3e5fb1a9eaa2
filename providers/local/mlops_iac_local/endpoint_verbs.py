"""Verbs on endpoints: promote, roll back, predict."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import ComponentStatus
from mlops_iac_local import endpoints, registry, serving
from mlops_iac_local.files import read_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.registry_reads import APPROVED
from mlops_iac_local.states import endpoint_status

_DEFAULT_SECONDS = 60.0


def promote(layout: Layout, endpoint: str, number: int) -> ComponentStatus:
    """Serve an approved version first, then move the alias: a bad version moves nothing."""
    plan = _plan(layout, endpoint)
    if plan["alias"] is None:
        raise OperationError(
            f"`{endpoint}` is pinned to one version in the declaration",
            remedy=f"change `model` there, or let it follow an alias: `{plan['model']}@champion`",
        )
    serving.deploy(layout, endpoint, registry.version(layout, plan["model"], number))
    registry.set_alias(layout, plan["model"], plan["alias"], number)
    return endpoint_status(layout, endpoint)


def rollback(layout: Layout, endpoint: str) -> ComponentStatus:
    """Serve the version that was served before the present one."""
    plan = _plan(layout, endpoint)
    now = serving.deployed(layout, endpoint)
    current = None if now is None else int(now["version"])
    approved = {
        item.version for item in registry.versions(layout, plan["model"]) if item.status == APPROVED
    }
    earlier = [number for number in serving.history(layout, endpoint)
               if number != current and number in approved]  # fmt: skip
    if not earlier:
        raise OperationError(
            f"`{endpoint}` has served no other approved version",
            remedy=f"`mlops-iac promote {endpoint} VERSION` names one",
        )
    return promote(layout, endpoint, earlier[-1])


def predict(layout: Layout, endpoint: str, payload: Any) -> Any:
    """Ask an endpoint for predictions with this user's token.

    Args:
        layout: the stack's folders.
        endpoint: name of the component.
        payload: rows as a list of objects, a JSON document of a known form, or CSV text.

    Raises:
        OperationError: nothing is served, the server does not answer, or it refuses the rows.
    """
    frame = endpoints.frame(layout, endpoint)
    if serving.deployed(layout, endpoint) is None:
        raise OperationError(
            f"`{endpoint}` waits for an approved version of `{frame.model}`",
            remedy=f"`mlops-iac versions {frame.model}`, then `mlops-iac approve {frame.model} N`",
        )
    body, content_type = _body(payload)
    timeout = float(_plan(layout, endpoint).get("timeout", _DEFAULT_SECONDS))
    path = f"/v1/models/{frame.model}:predict"
    try:
        status, answer = endpoints.ask(
            layout, frame, "POST", path, body=body, content_type=content_type, timeout=timeout
        )
    except OSError as error:
        raise OperationError(
            f"`{endpoint}` does not answer at {frame.url}: {error}",
            remedy=f"see `mlops-iac logs {endpoint}`; `mlops-iac up` starts it",
        ) from error
    if status != 200:  # noqa: PLR2004
        said = answer.get("error", answer) if isinstance(answer, Mapping) else answer
        hint = answer.get("hint", "") if isinstance(answer, Mapping) else ""
        raise OperationError(f"`{endpoint}` answers {status}: {said}", remedy=str(hint))
    return answer


def _body(payload: Any) -> tuple[str, str]:
    if isinstance(payload, str):
        return payload, "text/csv"
    rows = isinstance(payload, Sequence)
    return json.dumps({"instances": payload} if rows else payload), "application/json"


def _plan(layout: Layout, endpoint: str) -> Mapping[str, Any]:
    plan = read_json(layout.endpoint(endpoint) / endpoints.SERVER)
    if plan is None:
        endpoints.frame(layout, endpoint)
        raise OperationError(f"`{endpoint}` has no deployment", remedy="`mlops-iac up` makes it")
    return plan
