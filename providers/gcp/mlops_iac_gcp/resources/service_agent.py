"""`mlops-iac:gcp:ServiceAgent`: the account that a service of Google uses a project's key as.

The agents of Cloud Storage and BigQuery are made when their address is first asked for, and
`gcp.projects.ServiceIdentity` does not make them; a policy that names an account that does not
exist is refused. https://cloud.google.com/storage/docs/getting-service-agent,
https://cloud.google.com/bigquery/docs/customer-managed-encryption#grant_permission
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Callable, Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, InputFailure, Properties
from mlops_iac_gcp import session
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.session import Place, place_of

CLIENTS: Mapping[str, Callable[[Place], Any]] = {
    "bigquery": session.bigquery,
    "storage": session.storage,
}
"""Services whose own clients ask for the agent's address."""


class ServiceAgentHandler(Handler):
    """Asks for an agent, by which it is made; it belongs to Google and is never removed."""

    token = "mlops-iac:gcp:ServiceAgent"  # noqa: S105
    replace_on = frozenset({"service"})

    def check(self, inputs: Properties) -> tuple[InputFailure, ...]:
        """Refuse services that have no agent of this sort."""
        service = inputs.get("service")
        if service is None or service in CLIENTS:
            return ()
        reason = f"`{service}` is not one of {', '.join(sorted(CLIENTS))}"
        return (InputFailure(property="service", reason=reason),)

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Return the agent's address; asking twice makes one."""
        email = _email(inputs["service"], call)
        return f"{inputs['service']}/{email}", {**inputs, "email": email}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the agent as the service names it."""
        inputs = {"service": resource_id.partition("/")[0]}
        found = {**inputs, "email": _email(inputs["service"], call)}
        return Existing(id=resource_id, state=found, inputs=inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Leave the agent to Google."""


def _email(service: str, call: Call) -> str:
    with told(f"asking for the agent of `{service}`"):
        return CLIENTS[service](place_of(call.config)).get_service_account_email()
