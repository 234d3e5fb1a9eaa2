"""Asking a service of Cloud Run: it wants to know who asks, by an identity token."""

import json
from dataclasses import replace
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.verbs import asking
from mlops_iac_gcp import rest
from mlops_iac_gcp.faults import api_error
from mlops_iac_gcp.rest import TIMEOUT_SECONDS
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.session import Place

_AS_ACCOUNT = (
    "declare the platform's `role`, which the call is made as, or log in as a service account: "
    "`gcloud auth application-default login --impersonate-service-account=ACCOUNT`"
)


def ask(place: Place, deployment: Deployment, address: str, payload: Any) -> Any:
    """Return what a service answers to rows, to a JSON document of a known form, or to CSV text.

    Raises:
        OperationError: the caller has no identity token, or the service is inside a network.
        ApiError: the service refuses.
    """
    import requests

    if deployment.body("services.create")["ingress"].endswith("INTERNAL_ONLY"):
        raise OperationError(
            f"`{deployment.component}` is inside the network of the platform",
            remedy=f"ask from inside it: POST {address}/predict, with an identity token",
        )
    body, content_type = asking.body(payload)
    answer = requests.post(
        f"{address}/predict",
        data=body,
        headers={
            "Content-Type": content_type,
            "Authorization": f"Bearer {identity_token(place, address)}",
        },
        timeout=TIMEOUT_SECONDS[1],
    )
    if not answer.ok:
        raise api_error("predict", answer.status_code, answer.text)
    return json.loads(answer.text)


def identity_token(place: Place, audience: str) -> str:
    """Return a token that tells a service who asks; a token of access is refused by Cloud Run.

    Raises:
        OperationError: the caller is a person, whom Google gives none for an audience.
    """
    if place.role is not None:
        address = place.address("iamcredentials")
        url = f"{address}v1/projects/-/serviceAccounts/{place.role}:generateIdToken"
        body = {"audience": audience, "includeEmail": True}
        request = rest.Request(
            doing="generateIdToken", verb="POST", url=url, query={}, body=body, repeatable=True
        )
        return rest.send(replace(place, role=None), request)["token"]
    from google.auth.exceptions import DefaultCredentialsError
    from google.auth.transport.requests import Request
    from google.oauth2.id_token import fetch_id_token

    try:
        return str(fetch_id_token(Request(), audience))  # pyright: ignore[reportNoUntypedCall]
    except DefaultCredentialsError as error:
        raise OperationError(f"no identity token: {error}", remedy=_AS_ACCOUNT) from error
