"""The service of Cloud Run that a serverless endpoint is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac.specs import ModelEndpoint, PublicNetwork, Serverless
from mlops_iac_gcp import facts
from mlops_iac_gcp.model_request import container, served_variables, trusts_pickle
from mlops_iac_gcp.serving.cloud_run.filling import ARTIFACT
from mlops_iac_gcp.workload import pruned

_API = "run.v2"
_METHOD = "run.projects.locations.services"
# https://cloud.google.com/run/docs/configuring/services/memory-limits#cpu-minimum
_CPUS: Sequence[tuple[int, str]] = ((4, "1"), (8, "2"), (16, "4"), (32, "8"))
"""Least CPUs of an instance, by its memory in GiB."""
_PER_INSTANCE = 10
"""Most requests that one instance works on at the same time."""
_PROBE_SECONDS, _PROBES = 10, 24
"""An instance has four minutes, the most that Cloud Run gives, to load its model."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the platform made and a deployment names."""

    service_account: Any
    key: Any = None
    """Key that data is encrypted with; `None` while Google owns it."""
    network: Any = None
    """Full name of the network that a serverless endpoint is in; `None` on the public one."""
    subnet: Any = None
    """The subnet of it that its instances are in."""


def service_requests(
    endpoint: ModelEndpoint, scope: Scope, around: Surroundings
) -> list[dict[str, Any]]:
    """Return the requests in the order in which they are sent: the service, then its traffic."""
    parent, _, identifier = facts.service_name(scope, endpoint.name).rpartition("/services/")
    private = not isinstance(scope.platform.network, PublicNetwork)
    service = {
        "description": f"{endpoint.model.name} of {scope.project} ({scope.stack})",
        "labels": facts.labels(scope),
        "ingress": f"INGRESS_TRAFFIC_{'INTERNAL_ONLY' if private else 'ALL'}",
        "template": _template(endpoint, scope, around, private=private),
        "traffic": facts.UNKNOWN,
    }
    name = {"name": f"{parent}/services/{identifier}", "updateMask": "traffic"}
    return [
        _request("create", {"parent": parent, "serviceId": identifier}, service),
        _request("patch", name, {"traffic": facts.UNKNOWN}),
    ]


def _request(method: str, params: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    return {"api": _API, "operation": f"{_METHOD}.{method}", "params": params, "body": body}


def _template(
    endpoint: ModelEndpoint, scope: Scope, around: Surroundings, *, private: bool
) -> dict[str, Any]:
    scaling = endpoint.scaling
    assert isinstance(scaling, Serverless)  # noqa: S101  why it is called
    concurrency = per_instance(scaling.max_concurrency)
    return pruned(
        {
            # Named by its content; nothing is known of it before a version is.
            "revision": facts.UNKNOWN,
            "labels": facts.labels(scope),
            "scaling": {
                "minInstanceCount": 0,
                "maxInstanceCount": scaling.max_concurrency // concurrency,
            },
            "maxInstanceRequestConcurrency": concurrency,
            "timeout": f"{int(endpoint.timeout.total_seconds())}s",
            "serviceAccount": around.service_account,
            "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
            "vpcAccess": _inside(around) if private else None,
            "encryptionKey": around.key,
            "containers": [_container(endpoint, scope, scaling.memory_gb)],
        }
    )


def per_instance(concurrency: int) -> int:
    """Return how many requests an instance works on, so that the bound of all is the declared."""
    return next(n for n in range(_PER_INSTANCE, 0, -1) if concurrency % n == 0)


def _inside(around: Surroundings) -> dict[str, Any]:
    interface = {"network": around.network, "subnetwork": around.subnet}
    return {"egress": "ALL_TRAFFIC", "networkInterfaces": [interface]}


def _container(endpoint: ModelEndpoint, scope: Scope, memory_gb: int) -> dict[str, Any]:
    values = {**served_variables(endpoint, scope), ARTIFACT: facts.UNKNOWN}
    server = container(values, trusts_pickle=trusts_pickle(endpoint, scope))
    cpus = next(cpus for most, cpus in _CPUS if memory_gb <= most)
    return {
        "name": "server",
        "image": facts.UNKNOWN,
        "command": server["command"],
        "env": server["env"],
        "ports": server["ports"],
        "resources": {
            "limits": {"cpu": cpus, "memory": f"{memory_gb}Gi"},
            "cpuIdle": True,
            "startupCpuBoost": True,
        },
        "startupProbe": {
            "httpGet": {"path": server["healthRoute"]},
            "periodSeconds": _PROBE_SECONDS,
            "failureThreshold": _PROBES,
        },
    }
