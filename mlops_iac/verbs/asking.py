"""What asking an endpoint for predictions sends, and how it is refused, on every cloud."""

import json
from collections.abc import Sequence
from typing import Any

from mlops_iac.errors import OperationError


def document(payload: Any) -> Any:
    """Return what is sent for rows, or for a JSON document of a known form."""
    is_rows = isinstance(payload, Sequence) and not isinstance(payload, str)
    return {"instances": payload} if is_rows else payload


def body(payload: Any) -> tuple[bytes, str]:
    """Return what is sent for rows, a JSON document or CSV text, with its content type."""
    if isinstance(payload, str):
        return payload.encode(), "text/csv"
    return json.dumps(document(payload)).encode(), "application/json"


def waits(endpoint: str, model: str) -> OperationError:
    """Return that an endpoint serves nothing yet."""
    return OperationError(
        f"`{endpoint}` waits for an approved version of `{model}`",
        remedy=f"`mlops-iac versions {model}`, then `mlops-iac approve {model} N`",
    )


def is_inside(endpoint: str) -> OperationError:
    """Return that an endpoint cannot be asked from here."""
    return OperationError(
        f"`{endpoint}` answers inside the network of the platform only",
        remedy="ask its output `url` from a machine in that network",
    )
