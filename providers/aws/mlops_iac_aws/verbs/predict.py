"""The verb `predict`: an endpoint of SageMaker is asked, at once or by the bucket."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.model_endpoint import Async
from mlops_iac.verbs import asking
from mlops_iac_aws import names
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.faults import found, is_missing, told
from mlops_iac_aws.layout import split_uri
from mlops_iac_aws.to_zero import goes_to_zero
from mlops_iac_aws.verbs.site import Site

_POLL_SECONDS = 1.0
_NO_COPY = "no capacity to process"
"""SageMaker's words for an inference component without a copy; the request itself wakes it."""


def predict(site: Site, endpoint: str, payload: Any) -> Any:
    """Ask an endpoint for predictions, signed with the caller's own identity.

    Args:
        site: the stack.
        endpoint: name of the component.
        payload: rows as a list of objects, a JSON document of a known form, or CSV text.

    Raises:
        OperationError: nothing is served.
        AwsError: the endpoint refuses the rows, or AWS the caller.
    """
    spec = site.spec(endpoint, "ModelEndpoint")
    is_async = isinstance(spec, ModelEndpoint) and isinstance(spec.scaling, Async)
    body, content_type = asking.body(payload)
    ask = _ask_later if is_async else _ask
    with told(f"asking `{endpoint}`"):
        return json.loads(ask(site, endpoint, body, content_type))


def _ask(site: Site, endpoint: str, body: bytes, content_type: str) -> bytes:
    from botocore.exceptions import ClientError

    try:
        answer = site.clients("sagemaker-runtime").invoke_endpoint(
            **_named(site, endpoint),
            Body=body,
            ContentType=content_type,
            Accept="application/json",
        )
    except ClientError as error:
        raise _refused(site, endpoint, error) from error
    with answer["Body"] as stream:
        return stream.read()


def _named(site: Site, endpoint: str) -> dict[str, str]:
    """Return what answers: an endpoint that goes to zero has a component of its own name."""
    name = names.endpoint(site.scope, endpoint)
    if not goes_to_zero(site.scope.specs.get(endpoint)):
        return {"EndpointName": name}
    return {"EndpointName": name, "InferenceComponentName": name}


def _refused(site: Site, endpoint: str, error: Any) -> Exception:
    if is_missing(error):
        return asking.waits(endpoint, site.deployment(endpoint).model)
    if _NO_COPY in error.response["Error"]["Message"].lower():
        return OperationError(
            f"`{endpoint}` is at zero and wakes now",
            remedy="ask again in some minutes: the first replica takes five to ten",
        )
    said = error.response.get("OriginalMessage") or error.response["Error"]["Message"]
    status = error.response.get("OriginalStatusCode", error.response["Error"]["Code"])
    text = _server_error(said)
    return AwsError(
        f"`{endpoint}` answers {status}: {text}", remedy=f"see `mlops-iac logs {endpoint}`"
    )


def _server_error(said: str) -> str:
    try:
        document = json.loads(said)
    except ValueError:
        return said
    return str(document.get("error", said)) if isinstance(document, Mapping) else said


def _ask_later(site: Site, endpoint: str, body: bytes, content_type: str) -> bytes:
    """Ask an asynchronous endpoint: the request and the answer are objects in the bucket."""
    key = f"async/{endpoint}/requests/{uuid.uuid4()}"
    s3 = site.clients("s3")
    s3.put_object(Bucket=site.bucket, Key=key, Body=body, ContentType=content_type)
    accepted = site.clients("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=names.endpoint(site.scope, endpoint),
        InputLocation=f"s3://{site.bucket}/{key}",
        ContentType=content_type,
        Accept="application/json",
    )
    return _awaited(site, endpoint, accepted)


def _awaited(site: Site, endpoint: str, accepted: Mapping[str, Any]) -> bytes:
    places = [accepted["OutputLocation"], accepted.get("FailureLocation")]
    while True:
        for place in (found_ for found_ in places if found_):
            bucket, key = split_uri(place)
            answer = found(site.clients("s3").get_object, Bucket=bucket, Key=key)
            if answer is None:
                continue
            with answer["Body"] as stream:
                content = stream.read()
            if place == accepted["OutputLocation"]:
                return content
            raise AwsError(f"`{endpoint}` failed: {_server_error(content.decode())}")
        site.work.pause(_POLL_SECONDS)
