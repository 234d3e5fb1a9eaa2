"""The configuration of the explicit `mlops-iac` provider."""

import os
from collections.abc import Mapping
from typing import Any, Final

from mlops_iac.custom import InputFailure
from mlops_iac.plugin.values import UNKNOWN, plain

PARALLEL_VARIABLE: Final = "MLOPS_IAC_PARALLEL"
PARALLEL: Final = 8
"""Calls that work at once unless the configuration (`parallel`) or the environment says else."""

ENGINE_KEYS: Final = frozenset({"version", "pluginDownloadURL", "plugin_download_url"})
"""The engine's own keys among a provider's properties."""

IDENTITY: Final = frozenset(
    {
        "account",
        "project",
        "region",
        "root",
        "subscription",
        "target",
    }
)
"""Keys that say which world the resources live in: a change makes everything anew there."""


def settings(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user's part of a provider's properties."""
    return {
        key: value
        for key, value in properties.items()
        if key not in ENGINE_KEYS and not key.startswith("__")
    }


def config_failures(properties: Mapping[str, Any]) -> list[InputFailure]:
    """Return what is wrong with a provider's properties, and with the environment beside them."""
    limits = {
        "parallel": plain(properties.get("parallel", PARALLEL)),
        PARALLEL_VARIABLE: os.environ.get(PARALLEL_VARIABLE, PARALLEL),
    }
    return [
        InputFailure(
            property="parallel",
            reason=f"`{name}` is `{limit}`, not a number of calls; give a whole number from 1 up",
        )
        for name, limit in limits.items()
        if limit is not UNKNOWN and not _is_limit(limit)
    ]


def parallel(config: Mapping[str, Any]) -> int:
    """Return how many calls may work at once."""
    return int(plain(config.get("parallel")) or os.environ.get(PARALLEL_VARIABLE) or PARALLEL)


def moved(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Return the identity keys whose change is certain."""
    return sorted(
        key
        for key in IDENTITY
        if news.get(key) is not UNKNOWN and plain(olds.get(key)) != plain(news.get(key))
    )


def _is_limit(value: Any) -> bool:
    text = str(value)
    return not isinstance(value, bool) and text.isdigit() and int(text) >= 1
