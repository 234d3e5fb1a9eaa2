"""The container app that a serverless endpoint is, or one that has no replica while idle."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Scope
from mlops_iac.specs import AutoscaledReplicas, Compute, ModelEndpoint, Serverless
from mlops_iac_azure import facts, ids, names
from mlops_iac_azure.model_request import LIVE, PORT, READY, served_variables
from mlops_iac_azure.workload import CLIENT, SECRET_SCHEME

APP, ENVIRONMENT = "Microsoft.App/containerApps", "Microsoft.App/managedEnvironments"
PROFILE = "Consumption"
"""Workload profile that costs nothing while idle."""
# https://learn.microsoft.com/azure/container-apps/containers#allocations
SIZES: Sequence[tuple[float, float]] = tuple((step / 4, step / 2) for step in range(1, 17))
"""CPUs and GiB that an instance may have: always two GiB a CPU."""
MAX_CPU, MAX_MEMORY_GB = SIZES[-1]
# https://learn.microsoft.com/azure/container-apps/scale-app
MAX_REPLICAS = 1000
# https://learn.microsoft.com/azure/container-apps/ingress-overview
MAX_SECONDS = 240
_PER_REPLICA = 10
"""Most requests that one replica of a serverless endpoint works on at the same time."""
_DRAIN_SECONDS = 60


def is_app(endpoint: ModelEndpoint) -> bool:
    """Whether an endpoint is a container app: an online endpoint keeps one instance always."""
    scaling = endpoint.scaling
    is_idle = isinstance(scaling, AutoscaledReplicas) and scaling.min == 0
    return isinstance(scaling, Serverless) or is_idle


def app_id(scope: Scope, endpoint: str) -> str:
    """Return the id of a container app."""
    name = scope.physical_name(names.CONTAINER_APP, endpoint)
    return ids.resource_id(facts.group_id(scope), APP, name)


def token_name(endpoint: ModelEndpoint, scope: Scope) -> str:
    """Return the name of the secret with the token that callers bear."""
    return scope.physical_name(names.VAULT_SECRET, endpoint.name, "token")


def size(compute: Compute) -> tuple[float, float] | None:
    """Return CPUs and GiB of the smallest replica that offers what is asked; `None` for none."""
    fitting = (
        (cpu, memory) for cpu, memory in SIZES if cpu >= compute.cpu and memory >= compute.memory_gb
    )
    return next(fitting, None)


def app_request(
    endpoint: ModelEndpoint, scope: Scope, identity: Any, client: Any, environment: Any
) -> dict[str, Any]:
    """Return the request that makes an app.

    Args:
        endpoint: what is declared.
        scope: the stack.
        identity: id of the serving identity.
        client: its client id.
        environment: id of the environment that the app runs in.
    """
    properties = {
        "environmentId": environment,
        "workloadProfileName": PROFILE,
        "configuration": {
            "activeRevisionsMode": "Multiple",
            "ingress": {
                "external": True,
                "targetPort": PORT,
                "transport": "http",
                "allowInsecure": False,
                "traffic": facts.UNKNOWN,
            },
            "registries": [{"server": facts.image_registry(scope), "identity": identity}],
        },
        "template": _template(endpoint, scope, client),
    }
    return {
        "api": "azure.app",
        "operation": f"PUT {APP}",
        "params": {
            "resourceGroupName": facts.group(scope),
            "containerAppName": app_id(scope, endpoint.name).rpartition("/")[2],
        },
        "body": {
            "location": facts.region(scope),
            "tags": {**scope.tags, "mlops-iac-component": endpoint.name},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": assigned(identity)},
            "properties": properties,
        },
    }


def assigned(identity: Any) -> Any:
    """Return how a request names the one identity that something has."""
    if isinstance(identity, str):
        return {identity: {}}
    return identity.apply(lambda known: {known: {}})


def _template(endpoint: ModelEndpoint, scope: Scope, client: Any) -> dict[str, Any]:
    most, concurrency = _replicas(endpoint)
    return {
        # Named by its content; nothing is known of it before a version is.
        "revisionSuffix": facts.UNKNOWN,
        "terminationGracePeriodSeconds": _DRAIN_SECONDS,
        "containers": [_container(endpoint, scope, client)],
        "scale": {
            "minReplicas": 0,
            "maxReplicas": most,
            "rules": [
                {
                    "name": "requests",
                    "http": {"metadata": {"concurrentRequests": str(concurrency)}},
                }
            ],
        },
    }


def _container(endpoint: ModelEndpoint, scope: Scope, client: Any) -> dict[str, Any]:
    cpu, memory = _size(endpoint)
    return {
        "name": "server",
        "image": facts.UNKNOWN,
        "command": ["python", "-m", "mlops_iac_azure.work", "serve"],
        # Where the model lies: an app mounts no blobs, the command fetches it.
        "args": facts.UNKNOWN,
        "env": [
            {"name": name, "value": value}
            for name, value in variables(endpoint, scope, client).items()
        ],
        "resources": {"cpu": cpu, "memory": f"{memory:g}Gi"},
        "probes": [
            # Four minutes to load a model: more than ten failures Azure does not count.
            _probe("Startup", READY, failures=10, seconds=24),
            _probe("Readiness", READY, failures=3, seconds=10),
            _probe("Liveness", LIVE, failures=3, seconds=10),
        ],
    }


def variables(endpoint: ModelEndpoint, scope: Scope, client: Any) -> dict[str, Any]:
    """Return the variables of an app's server."""
    reference = f"{facts.vault_uri(scope)}secrets/{token_name(endpoint, scope)}"
    return {
        CLIENT: client,
        **served_variables(endpoint, scope),
        # No front door asks who calls: the server does.
        contract.SECRET + contract.TOKEN: contract.secret_reference(SECRET_SCHEME, reference),
    }


def _size(endpoint: ModelEndpoint) -> tuple[float, float]:
    scaling = endpoint.scaling
    wished = endpoint.compute
    if isinstance(scaling, Serverless):
        wished = Compute(cpu=1, memory_gb=scaling.memory_gb)
    return size(wished) or SIZES[-1]  # planning refuses what is larger


def _replicas(endpoint: ModelEndpoint) -> tuple[int, int]:
    """Return the most replicas, and the requests at the same time that one works on."""
    scaling = endpoint.scaling
    if isinstance(scaling, Serverless):
        concurrency = per_replica(scaling.max_concurrency)
        return scaling.max_concurrency // concurrency, concurrency
    assert isinstance(scaling, AutoscaledReplicas)  # noqa: S101  the other kind of app
    # So many a minute are as many at the same time as each takes seconds: one is assumed.
    return scaling.max, max(1, ceil(scaling.requests_per_replica / 60))


def per_replica(concurrency: int) -> int:
    """Return how many requests a replica works on, so that the bound of all is the declared."""
    return next(n for n in range(_PER_REPLICA, 0, -1) if concurrency % n == 0)


def _probe(kind: str, path: str, *, failures: int, seconds: int) -> dict[str, Any]:
    return {
        "type": kind,
        "httpGet": {"path": path, "port": PORT},
        "periodSeconds": seconds,
        "failureThreshold": failures,
    }
