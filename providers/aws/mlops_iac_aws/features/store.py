"""A group in SageMaker's feature store, once it is as it is declared."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.session import Clients

READY_SECONDS = 900.0
"""How long making a group, or adding features to it, may take."""
_POLL_SECONDS = 5.0


def ready_group(
    clients: Clients,
    name: str,
    wanted: Mapping[str, str],
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Return a group's description as soon as it has every wanted feature.

    Args:
        clients: of the group's account and region.
        name: the group.
        wanted: SageMaker's type by feature.
        wait: sleeps some seconds.

    Raises:
        AwsError: SageMaker could not make or change the group, or a feature is of another type.
    """
    ends = time.monotonic() + READY_SECONDS
    while True:
        group = _described(clients, name)
        _refuse_failed(name, group)
        missing = _missing(name, group, wanted)
        if group["FeatureGroupStatus"] == "Created" and not missing:
            return group
        if time.monotonic() > ends:
            raise AwsError(
                f"feature group `{name}` lacks {', '.join(missing) or 'nothing, but is not ready'} "
                f"after {READY_SECONDS:g} s",
                remedy="look at its status in the console, and run `mlops-iac up` again",
            )
        wait(_POLL_SECONDS)


def _described(clients: Clients, name: str) -> dict[str, Any]:
    pages = list(_pages(clients("sagemaker"), name))
    features = [feature for page in pages for feature in page["FeatureDefinitions"]]
    return {**pages[0], "FeatureDefinitions": features}


def _pages(sagemaker: Any, name: str) -> Iterator[dict[str, Any]]:
    page = sagemaker.describe_feature_group(FeatureGroupName=name)
    yield page
    while token := page.get("NextToken"):
        page = sagemaker.describe_feature_group(FeatureGroupName=name, NextToken=token)
        yield page


def _refuse_failed(name: str, group: Mapping[str, Any]) -> None:
    update = group.get("LastUpdateStatus") or {}
    reason = update.get("FailureReason") if update.get("Status") == "Failed" else None
    if group["FeatureGroupStatus"] == "CreateFailed":
        reason = group.get("FailureReason", "SageMaker gives no reason")
    if reason:
        raise AwsError(
            f"SageMaker could not make feature group `{name}` as declared: {reason}",
            remedy="correct what it names, and run `mlops-iac up` again",
        )


def _missing(name: str, group: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    found = {item["FeatureName"]: item["FeatureType"] for item in group["FeatureDefinitions"]}
    if other := sorted(key for key, kind in wanted.items() if found.get(key, kind) != kind):
        raise AwsError(
            f"feature group `{name}` has other types for {', '.join(f'`{key}`' for key in other)}",
            remedy="a feature keeps its type: give the feature, or the group, another name",
        )
    return [f"`{key}`" for key in wanted if key not in found]
