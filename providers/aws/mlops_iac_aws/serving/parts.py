"""Models and configurations of an endpoint: made once, adopted, swept.

Each is immutable and named by its content. A configuration that came into service carries the time
in a tag: that is the endpoint's history, from which a roll-back knows where to go.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mlops_iac.names import HASH_LENGTH
from mlops_iac_aws.errors import NotOursError
from mlops_iac_aws.faults import created, found
from mlops_iac_aws.serving.documents import Deployment, Work
from mlops_iac_aws.serving.filling import Parts
from mlops_iac_aws.variants import GROUPS

SERVED_TAG = "mlops-iac-served"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A configuration of an endpoint that is ours, or a model that a component of ours had."""

    name: str
    arn: str
    models: tuple[str, ...]
    """Names of its models, that of the version that answers first."""
    version: int | None
    """Version that answers; `None` when its model is gone."""
    served: str
    """When it last came into service, ISO 8601; empty when it never did."""


def make(work: Work, deployment: Deployment, parts: Parts) -> None:
    """Make models and configuration of a version, or adopt those that are there.

    Raises:
        NotOursError: something of that name carries another mark.
    """
    sagemaker = work.clients("sagemaker")
    for wish in parts.models:
        model = _made(
            partial(found, sagemaker.describe_model, ModelName=wish["ModelName"]),
            partial(created, sagemaker.create_model, **wish),
        )
        if model is not None:
            _adopt(work, deployment, model["ModelArn"])
    name = parts.configuration_name
    configuration = _made(
        partial(found, sagemaker.describe_endpoint_config, EndpointConfigName=name),
        partial(created, sagemaker.create_endpoint_config, **parts.configuration),
    )
    if configuration is not None:
        _adopt(work, deployment, configuration["EndpointConfigArn"])


def _made(look: Callable[[], Any | None], create: Callable[[], bool]) -> Any | None:
    """Create what is not there; return what is there already, also by a deployment beside ours."""
    known = look()
    return look() if known is None and not create() else known


def require_ours(work: Work, deployment: Deployment, arn: str) -> None:
    """Refuse what carries another mark than this stack's.

    Raises:
        NotOursError: it does.
    """
    tags = tags_of(work, arn)
    if any(tags.get(key) != value for key, value in deployment.owners.items()):
        raise NotOursError(
            f"`{arn}` is there and is not of this stack",
            remedy="remove it, or give the component another name",
        )


def tags_of(work: Work, arn: str) -> dict[str, str]:
    """Return the tags of something of SageMaker."""
    pages = work.clients("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def tag(work: Work, arn: str, tags: Mapping[str, str]) -> None:
    """Bring the tags of something up to date; those of our own bookkeeping stay."""
    sagemaker, known = work.clients("sagemaker"), tags_of(work, arn)
    gone = sorted(known.keys() - tags.keys() - {SERVED_TAG})
    if gone:
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=gone)
    new = [{"Key": k, "Value": v} for k, v in sorted(tags.items()) if known.get(k) != v]
    if new:
        sagemaker.add_tags(ResourceArn=arn, Tags=new)


def _adopt(work: Work, deployment: Deployment, arn: str) -> None:
    require_ours(work, deployment, arn)
    tag(work, arn, deployment.tags)


def note_served(work: Work, wish: Parts) -> None:
    """Note that a configuration, or the model of an inference component, came into service now."""
    sagemaker = work.clients("sagemaker")
    if wish.component:
        arn = sagemaker.describe_model(ModelName=wish.model_name)["ModelArn"]
    else:
        name = wish.configuration_name
        arn = sagemaker.describe_endpoint_config(EndpointConfigName=name)["EndpointConfigArn"]
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": SERVED_TAG, "Value": now}])


def history(work: Work, deployment: Deployment) -> list[Configuration]:
    """Return what served on an endpoint and is kept, last served first.

    An endpoint that goes to zero keeps its configuration: there a model alone is an entry.
    """
    if deployment.has_component:
        kept = (_alone(work, *each) for each in _own(work, deployment, "list_models", "Model"))
    else:
        names = _own(work, deployment, "list_endpoint_configs", "EndpointConfig")
        kept = (_configuration(work, name, arn) for name, arn in names)
    return sorted(kept, key=lambda item: item.served, reverse=True)


def _alone(work: Work, model: str, arn: str) -> Configuration:
    return Configuration(
        name=model,
        arn=arn,
        models=(model,),
        version=_version(work, model),
        served=tags_of(work, arn).get(SERVED_TAG, ""),
    )


def _configuration(work: Work, name: str, arn: str) -> Configuration:
    sagemaker = work.clients("sagemaker")
    told = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    models = tuple(each["ModelName"] for group in GROUPS for each in told.get(group, ()))
    return Configuration(
        name=name,
        arn=arn,
        models=models,
        version=_version(work, models[0]),
        served=tags_of(work, arn).get(SERVED_TAG, ""),
    )


def _version(work: Work, model: str) -> int | None:
    known = found(work.clients("sagemaker").describe_model, ModelName=model)
    package = "" if known is None else known["PrimaryContainer"].get("ModelPackageName", "")
    number = package.rpartition("/")[2]
    return int(number) if number.isdecimal() else None


def sweep(
    work: Work, deployment: Deployment, configuration: str | None, model: str | None = None
) -> None:
    """Remove old models and configurations; keep what is served, and what a roll-back needs.

    Args:
        work: what deploying may use.
        deployment: the endpoint.
        configuration: the one that is in service; `None` removes all.
        model: the one that is in the inference component, if that serves.
    """
    known = history(work, deployment)
    current = model if deployment.has_component else configuration
    kept = [] if current is None else list(_kept(known, current))
    models = {model for item in kept for model in item.models}
    configurations = {configuration} if deployment.has_component else {item.name for item in kept}
    sagemaker = work.clients("sagemaker")
    for name, _ in _own(work, deployment, "list_endpoint_configs", "EndpointConfig"):
        if name not in configurations:
            found(sagemaker.delete_endpoint_config, EndpointConfigName=name)
    for name, _ in _own(work, deployment, "list_models", "Model"):
        if name not in models:
            found(sagemaker.delete_model, ModelName=name)


def _kept(known: list[Configuration], current: str) -> Iterator[Configuration]:
    now = next((item for item in known if item.name == current), None)
    if now is None:
        # Somebody else's configuration is in service: nothing is known to be old.
        yield from known
        return
    yield now
    earlier = (item for item in known if item.served and item.version != now.version)
    yield from list(earlier)[:1]


def _own(
    work: Work, deployment: Deployment, operation: str, kind: str
) -> Iterator[tuple[str, str]]:
    """Yield name and ARN of what is named after the endpoint and carries its mark."""
    named = re.compile(f"{re.escape(deployment.endpoint)}-[0-9a-f]{{{HASH_LENGTH}}}")
    pages = work.clients("sagemaker").get_paginator(operation)
    # The list changes while its items are removed.
    items: list[dict[str, Any]] = [
        item
        for page in pages.paginate(NameContains=deployment.endpoint)
        for item in page[f"{kind}s"]
    ]
    for item in items:
        name, arn = item[f"{kind}Name"], item[f"{kind}Arn"]
        if named.fullmatch(name) and _is_ours(work, deployment, arn):
            yield name, arn


def _is_ours(work: Work, deployment: Deployment, arn: str) -> bool:
    tags = tags_of(work, arn)
    return all(tags.get(key) == value for key, value in deployment.owners.items())
