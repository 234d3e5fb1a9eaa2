"""How what is served differs from what the document says."""

from collections.abc import Mapping
from typing import Any

from mlops_iac_gcp import documents
from mlops_iac_gcp.serving.documents import Deployment, Work, is_saved, path_of
from mlops_iac_gcp.serving.rolling import RULES
from mlops_iac_gcp.serving.states import Deployed


def drift(
    work: Work, deployment: Deployment, now: Deployed | None, *, was_serving: bool
) -> str | None:
    """Return in one line what is not as it was left, or `None`.

    Under an alias another approved version is no drift: it was promoted.
    """
    if not is_saved(work, deployment):
        return "its document in the bucket is gone"
    if now is None:
        return "nothing is served any more" if was_serving else None
    return RULES.drift(work, deployment, now)


def document_of(work: Work, location: str) -> Mapping[str, Any] | None:
    """Return the document of an endpoint by `BUCKET/COMPONENT`, or `None`."""
    bucket, _, component = location.partition("/")
    return documents.read(work.place, bucket, path_of(component))
