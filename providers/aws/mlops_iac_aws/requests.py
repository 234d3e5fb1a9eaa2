"""The API calls that our custom resources stand for, as data."""

from collections.abc import Mapping
from typing import Any

UNKNOWN: Mapping[str, bool] = {"$unknown": True}
"""A value that only deploying a version can tell."""


def request(service: str, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return one request: botocore's service, operation and parameters; `None` is left out."""
    return {"api": service, "operation": operation, "params": {}, "body": without_none(body)}


def without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return `value` without the members that are not set, also inside."""
    return {
        key: without_none(item) if isinstance(item, Mapping) else item
        for key, item in value.items()
        if item is not None
    }


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as SageMaker takes them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
