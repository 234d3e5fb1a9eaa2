"""What the parts of a platform share while it is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_gcp import facts, sdk

# The provider's own argument for each service that tests may point at a stand-in.
ENDPOINT_ARGUMENTS = {
    "aiplatform": "vertex_ai_custom_endpoint",
    "artifactregistry": "artifact_registry_custom_endpoint",
    "bigquery": "big_query_custom_endpoint",
    "cloudbuild": "cloud_build_custom_endpoint",
    "cloudkms": "kms_custom_endpoint",
    "cloudresourcemanager": "resource_manager_custom_endpoint",
    "compute": "compute_custom_endpoint",
    "dns": "dns_custom_endpoint",
    "eventarc": "eventarc_custom_endpoint",
    "iam": "iam_custom_endpoint",
    "logging": "logging_custom_endpoint",
    "monitoring": "monitoring_custom_endpoint",
    "networkconnectivity": "network_connectivity_custom_endpoint",
    "pubsub": "pubsub_custom_endpoint",
    "run": "cloud_run_v2_custom_endpoint",
    "secretmanager": "secret_manager_custom_endpoint",
    "serviceusage": "service_usage_custom_endpoint",
    "sqladmin": "sql_custom_endpoint",
    "storage": "storage_custom_endpoint",
    "workflows": "workflows_custom_endpoint",
}

APIS = (
    "aiplatform",
    "artifactregistry",
    "bigquery",
    "cloudbuild",
    "cloudkms",
    "compute",
    "dns",
    "eventarc",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "networkconnectivity",
    "pubsub",
    "run",
    "secretmanager",
    "sqladmin",
    "storage",
    "workflowexecutions",
    "workflows",
)
"""APIs that a platform and the kinds on it need; they stay enabled when it goes, others may use
them."""


@dataclass
class Foundation:
    """The explicit provider, the place and the key of a platform that is being built."""

    context: BuildContext
    provider: sdk.gcp.Provider
    plugin: sdk.pulumi.ProviderResource
    apis: Sequence[sdk.pulumi.Resource] = ()
    agent: sdk.gcp.projects.ServiceIdentity | None = None
    """Vertex AI's service agent."""
    key: sdk.pulumi.Output[str] | None = None
    """Key that data is encrypted with, ready to be used; `None` while Google owns it."""
    grants: list[sdk.pulumi.Resource] = field(default_factory=list["sdk.pulumi.Resource"])

    @property
    def project(self) -> str:
        """Project that everything is in."""
        return facts.project(self.context)

    @property
    def region(self) -> str:
        """Region that everything is in."""
        return facts.region(self.context)

    @property
    def labels(self) -> dict[str, str]:
        """Labels of everything that can carry them."""
        return facts.labels(self.context)

    def name(self, suffix: str) -> str:
        """Return the logical name of a child."""
        return self.context.name(suffix)

    def opts(self, place: str = "", **options: Any) -> sdk.pulumi.ResourceOptions:
        """Return options of a child: explicit provider, after the APIs are enabled."""
        after = [*self.apis, *options.pop("depends_on", ())]
        return self.context.opts(place, provider=self.provider, depends_on=after, **options)

    def agent_email(self, pattern: str) -> sdk.pulumi.Output[str]:
        """Return the address of a service agent of this project."""
        # The project's number is part of the address of Vertex AI's own agent; looking it up
        # would be a call, and planning is offline.
        assert self.agent is not None  # noqa: S101  made before the first grant
        return self.agent.email.apply(lambda email: pattern.format(number=project_number(email)))


def project_number(email: str) -> str:
    """Return the number of the project that a service agent is of."""
    return email.partition("@")[0].rpartition("-")[2]


def register_providers(context: BuildContext) -> Foundation:
    """Make the explicit providers; all that a stack has of its own on another's platform."""
    target = context.target
    endpoints = target.endpoints or {}
    arguments: dict[str, Any] = {
        argument: endpoints[service]
        for service, argument in ENDPOINT_ARGUMENTS.items()
        if service in endpoints
    }
    provider = sdk.gcp.Provider(
        context.name("gcp"),
        project=target.account,
        region=target.region,
        impersonate_service_account=target.role,
        default_labels=facts.labels(context),
        **arguments,
        opts=context.opts("target"),
    )
    return Foundation(context, provider, _plugin(context))


def open_foundation(context: BuildContext) -> Foundation:
    """Make the explicit providers, enable the APIs and make Vertex AI's service agent."""
    foundation = register_providers(context)
    foundation.apis = [_api(foundation, api) for api in APIS]
    foundation.agent = sdk.gcp.projects.ServiceIdentity(
        context.name("aiplatform-agent"),
        project=foundation.project,
        service="aiplatform.googleapis.com",
        opts=foundation.opts("account"),
    )
    return foundation


def _plugin(context: BuildContext) -> sdk.pulumi.ProviderResource:
    from mlops_iac._registration import PlatformProvider

    target = context.target
    wishes = {
        "target": target.name,
        "region": target.region,
        "account": target.account,
        "role": target.role,
        "endpoints": dict(target.endpoints) if target.endpoints else None,
    }
    config = {key: value for key, value in wishes.items() if value is not None}
    return PlatformProvider(context.name("mlops-iac"), config, context.opts("target"))


def _api(foundation: Foundation, api: str) -> sdk.gcp.projects.Service:
    return sdk.gcp.projects.Service(
        foundation.name(f"api-{api}"),
        project=foundation.project,
        service=f"{api}.googleapis.com",
        disable_on_destroy=False,
        opts=foundation.opts("account"),
    )
