"""Asking an asynchronous endpoint: request and answer are objects in the bucket."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac.verbs import asking
from mlops_iac_gcp import place as layout
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.queued import RETENTION_SECONDS
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.session import storage

_POLL_SECONDS = 1.0


def ask(work: Work, deployment: Deployment, topic: str, payload: Any) -> Any:
    """Store rows, a JSON document or CSV text, tell the queue, wait for what is answered.

    Args:
        work: what may be used.
        deployment: the endpoint.
        topic: full name of the endpoint's topic.
        payload: as `predict` takes it.

    Raises:
        GcpError: the endpoint refuses the request or fails, or nobody took it within six hours.
    """
    name, folder = str(uuid.uuid4()), layout.async_prefix(deployment.component)
    bucket = storage(work.place).bucket(deployment.bucket)
    body, content_type = asking.body(payload)
    bucket.blob(f"{folder}/requests/{name}").upload_from_string(body, content_type=content_type)
    attributes = {"request": name, "content_type": content_type}
    method, params = "projects.topics.publish", {"topic": topic}
    rest.call(work.place, "pubsub.v1", method, params, {"messages": [{"attributes": attributes}]})
    return _awaited(work, deployment, bucket, folder, name)


def _awaited(work: Work, deployment: Deployment, bucket: Any, folder: str, name: str) -> Any:
    waited = 0.0
    while waited < RETENTION_SECONDS:
        if (content := _read(bucket, f"{folder}/answers/{name}")) is not None:
            return json.loads(content)
        if (content := _read(bucket, f"{folder}/failures/{name}")) is not None:
            raise GcpError(
                f"`{deployment.component}` failed: {_said(content)}",
                remedy=f"see `mlops-iac logs {deployment.component}`",
            )
        work.pause(_POLL_SECONDS)
        waited += _POLL_SECONDS
    raise GcpError(
        f"`{deployment.component}` did not answer within {RETENTION_SECONDS // 3600} h",
        remedy="the queue has dropped the request; see "
        f"`mlops-iac logs {deployment.component}`, and ask again",
    )


def _read(bucket: Any, path: str) -> bytes | None:
    from google.cloud.exceptions import NotFound

    try:
        return bucket.blob(path).download_as_bytes()
    except NotFound:
        return None


def _said(content: bytes) -> str:
    try:
        document = json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
    return str(document.get("error", document)) if isinstance(document, Mapping) else str(document)
