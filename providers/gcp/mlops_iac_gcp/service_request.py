"""The service of Cloud Run that a serverless or asynchronous endpoint is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Scope
from mlops_iac.specs import Async, Compute, ModelEndpoint, PublicNetwork, Serverless
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.model_request import container, served_variables, trusts_pickle
from mlops_iac_gcp.serving.cloud_run.filling import ARTIFACT
from mlops_iac_gcp.workload import pruned

_API = "run.v2"
_METHOD = "run.projects.locations.services"
# https://cloud.google.com/run/docs/configuring/services/memory-limits#cpu-minimum
_CPUS: Sequence[tuple[int, int]] = ((4, 1), (8, 2), (16, 4), (32, 8))
"""Least CPUs of an instance, by its memory in GiB."""
MAX_CPU, MAX_MEMORY_GB = 8, 32
_LEAST_GB: Sequence[tuple[int, int]] = ((8, 4), (4, 2), (0, 1))
"""Least memory of an instance, by its CPUs."""
_MAILBOX = "mailbox"
_SPARE_SECONDS = 30
"""An asynchronous server has so much more to write down that a prediction took too long."""
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
    instances, concurrency = _instances(endpoint)
    return pruned(
        {
            # Named by its content; nothing is known of it before a version is.
            "revision": facts.UNKNOWN,
            "labels": facts.labels(scope),
            "scaling": {
                "minInstanceCount": 0,
                "maxInstanceCount": instances,
            },
            "maxInstanceRequestConcurrency": concurrency,
            "timeout": f"{request_seconds(endpoint)}s",
            "serviceAccount": around.service_account,
            "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
            "vpcAccess": _inside(around) if private else None,
            "encryptionKey": around.key,
            "volumes": [_volume(endpoint, scope)] if _is_async(endpoint) else None,
            "containers": [_container(endpoint, scope)],
        }
    )


def is_service(endpoint: ModelEndpoint) -> bool:
    """Whether an endpoint is a service of Cloud Run."""
    return isinstance(endpoint.scaling, Serverless) or _is_async(endpoint)


def request_seconds(endpoint: ModelEndpoint) -> int:
    """Return how long a service may take for one request."""
    spare = _SPARE_SECONDS if _is_async(endpoint) else 0
    return int(endpoint.timeout.total_seconds()) + spare


def _is_async(endpoint: ModelEndpoint) -> bool:
    return isinstance(endpoint.scaling, Async)


def _instances(endpoint: ModelEndpoint) -> tuple[int, int]:
    """Return the most instances, and the requests that one works on."""
    scaling = endpoint.scaling
    if isinstance(scaling, Async):
        return scaling.max, scaling.concurrency_per_replica
    assert isinstance(scaling, Serverless)  # noqa: S101  the other kind of service
    concurrency = per_instance(scaling.max_concurrency)
    return scaling.max_concurrency // concurrency, concurrency


def per_instance(concurrency: int) -> int:
    """Return how many requests an instance works on, so that the bound of all is the declared."""
    return next(n for n in range(_PER_INSTANCE, 0, -1) if concurrency % n == 0)


def _inside(around: Surroundings) -> dict[str, Any]:
    interface = {"network": around.network, "subnetwork": around.subnet}
    return {"egress": "ALL_TRAFFIC", "networkInterfaces": [interface]}


def machine(compute: Compute) -> tuple[int, int] | None:
    """Return CPUs and GiB of the smallest instance that offers what is asked; `None` for none."""
    memory = ceil(compute.memory_gb)
    for most, cpus in _CPUS:
        if memory <= most and compute.cpu <= cpus:
            return cpus, max(memory, next(least for of, least in _LEAST_GB if cpus >= of))
    return None


def _limits(endpoint: ModelEndpoint) -> dict[str, str]:
    scaling = endpoint.scaling
    if isinstance(scaling, Serverless):
        size = machine(Compute(cpu=1, memory_gb=scaling.memory_gb))
    else:
        size = machine(endpoint.compute)
    cpus, memory_gb = size or (MAX_CPU, MAX_MEMORY_GB)  # planning refuses what is larger
    return {"cpu": str(cpus), "memory": f"{memory_gb}Gi"}


def _folder(endpoint: ModelEndpoint, scope: Scope) -> str:
    return facts.mounted(scope, place.async_prefix(endpoint.name))


def _volume(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    """Return the folder of the bucket that an asynchronous endpoint answers in."""
    only = f"only-dir={place.async_prefix(endpoint.name)}"
    return {
        "name": _MAILBOX,
        # Folders are only names: the first request makes the one that is mounted.
        "gcs": {"bucket": facts.bucket(scope), "mountOptions": [only, "implicit-dirs"]},
    }


def _container(endpoint: ModelEndpoint, scope: Scope) -> dict[str, Any]:
    values = {**served_variables(endpoint, scope), ARTIFACT: facts.UNKNOWN}
    mounts = None
    if _is_async(endpoint):
        values[contract.MAILBOX] = _folder(endpoint, scope)
        mounts = [{"name": _MAILBOX, "mountPath": _folder(endpoint, scope)}]
    server = container(values, trusts_pickle=trusts_pickle(endpoint, scope))
    made = {
        "volumeMounts": mounts,
        "name": "server",
        "image": facts.UNKNOWN,
        "command": server["command"],
        "env": server["env"],
        "ports": server["ports"],
        "resources": {
            "limits": _limits(endpoint),
            "cpuIdle": True,
            "startupCpuBoost": True,
        },
        "startupProbe": {
            "httpGet": {"path": server["healthRoute"]},
            "periodSeconds": _PROBE_SECONDS,
            "failureThreshold": _PROBES,
        },
    }
    return pruned(made)
