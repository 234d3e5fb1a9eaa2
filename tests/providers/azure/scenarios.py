"""Declarations that together use every field and variant that azure takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mlops_iac.planning import Plan
from mlops_iac.specs import (
    Accelerator,
    AcceleratorKind,
    Approval,
    Authentication,
    AutoscaledReplicas,
    Canary,
    Challenger,
    ColumnType,
    Compute,
    CustomerKey,
    DataCapture,
    DataFormat,
    Dataset,
    ExistingKey,
    ExistingNetwork,
    FixedReplicas,
    Framework,
    Linear,
    ModelCard,
    ModelEndpoint,
    OwnNetwork,
    Profile,
    RegisteredModel,
    RunPolicy,
    SecretRef,
    Serverless,
    Spec,
    Spot,
    TrainingJob,
    Wait,
)
from tests.providers.azure.complete import LIGHT, complete
from tests.providers.azure.harness import DIGEST, SUBSCRIPTION, planned

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shared/providers"
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/corporate"
KEY = f"{GROUP}/Microsoft.KeyVault/vaults/corporate/keys/ml"


@dataclass(frozen=True)
class Scenario:
    """One declaration."""

    components: Callable[[], tuple[Spec, ...]]
    platform: Mapping[str, Any] = field(default_factory=dict)

    def plan(self, project_dir: Path) -> Plan:
        """Return its plan; the files that it names are written first."""
        write_project(project_dir)
        return planned(self.components(), project_dir, **self.platform)


def write_project(folder: Path) -> None:
    """Write the files that the scenarios name."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "train.py").write_text("print('train')\n")
    (folder / "data" / "a.csv").write_text("delay,late\n3,0\n")
    (folder / "data" / "a.parquet").write_bytes(b"PAR1a")
    (folder / "data" / "b.parquet").write_bytes(b"PAR1b")
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code" / "train.py").write_text("print('train')\n")
    (folder / "code" / "helper.py").write_text("X = 1\n")
    (folder / "requirements.txt").write_text("scikit-learn==1.7.2\n")


def flights(
    *,
    job: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    endpoint: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> tuple[Spec, ...]:
    """Return the common declaration, with some fields of it changed."""
    program = {} if job and "image" in job else {"script": "code/train.py"}
    return (
        Dataset("departures", **{"source": "data/*.parquet", **(data or {})}),
        RegisteredModel("late", **(model or {})),
        TrainingJob("delay", **{**program, "data": "departures", "model": "late", **(job or {})}),
        ModelEndpoint("score", **{"model": "late@champion", **(endpoint or {})}),
    )


SCENARIOS: Mapping[str, Scenario] = {
    "minimal": Scenario(flights),
    "prod": Scenario(flights, {"profile": Profile.PROD, "tags": {"team": "air", "cost": "7"}}),
    "regulated-customer-key": Scenario(
        flights,
        {
            "profile": Profile.REGULATED,
            "encryption": CustomerKey(rotation_days=180),
            "role": SUBSCRIPTION,
            "runtime_image": f"example.azurecr.io/runtime@{DIGEST}",
        },
    ),
    "own-network": Scenario(flights, {"profile": Profile.PROD, "network": OwnNetwork()}),
    "existing-network-and-key": Scenario(
        flights,
        {
            "network": ExistingNetwork(
                network=NETWORK, subnets=(f"{NETWORK}/subnets/jobs", f"{NETWORK}/subnets/ends")
            ),
            "encryption": ExistingKey(key=f"{KEY}/versions/0123456789abcdef"),
        },
    ),
    "everything-about-training": Scenario(
        lambda: flights(
            data={
                "columns": {"delay": ColumnType.NUMBER, "late": ColumnType.BOOLEAN},
                "description": "departures of one year",
            },
            model={
                "approval": Approval.MANUAL,
                "description": "late or not",
                "card": ModelCard(
                    intended_use="planning", owner="air", limitations="not for safety"
                ),
                "trust_pickle": True,
            },
            job={
                "requirements": "requirements.txt",
                "framework": Framework.PYTORCH,
                "data": {"train-set": "departures", "other": "departures"},
                "hyperparameters": {"depth": 6, "rate": 0.1, "fast": True, "loss": "log"},
                "metrics": ("auc", "f1"),
                "compute": Compute(
                    cpu=4,
                    memory_gb=24,
                    accelerator=Accelerator(kind=AcceleratorKind.T4),
                    disk_gb=150,
                ),
                "instances": 2,
                "spot": Spot(max_wait=timedelta(hours=12)),
                "timeout": timedelta(hours=3),
                "environment": {"MODE": "full", "TOKEN": SecretRef(secret="api-token")},
                "wait": Wait.FINISHED,
            },
        )
    ),
    "image-by-hand": Scenario(
        lambda: flights(
            job={
                "image": f"example.azurecr.io/mine@{DIGEST}",
                "framework": Framework.XGBOOST,
                "instances": 3,
                "run": RunPolicy.MANUAL,
            },
            data={"source": "https://data.blob.core.windows.net/x/y.csv", "format": DataFormat.CSV},
        )
    ),
    "pinned-canary-key": Scenario(
        lambda: flights(
            endpoint={
                "model": "late/3",
                "scaling": AutoscaledReplicas(min=2, max=6, requests_per_replica=300),
                "rollout": Canary(percent=20, wait=timedelta(minutes=5)),
                "capture": DataCapture(percent=25),
                "authentication": Authentication.KEY,
                "timeout": timedelta(seconds=30),
                "environment": {"LEVEL": "info", "TOKEN": SecretRef(secret="score-token")},
                "compute": Compute(cpu=4, memory_gb=16),
            }
        ),
        {"profile": Profile.PROD},
    ),
    "alias-linear-gpu": Scenario(
        lambda: flights(
            endpoint={
                "scaling": FixedReplicas(replicas=3),
                "rollout": Linear(step_percent=30, wait=timedelta(minutes=1)),
                "compute": Compute(accelerator=Accelerator(kind=AcceleratorKind.A100_80GB)),
            }
        )
    ),
    "serverless": Scenario(
        lambda: flights(
            endpoint={
                "scaling": Serverless(memory_gb=4, max_concurrency=40),
                "rollout": Canary(percent=20, wait=timedelta(minutes=5)),
                "authentication": Authentication.KEY,
                "timeout": timedelta(seconds=30),
                "environment": {"LEVEL": "info", "TOKEN": SecretRef(secret="score-token")},
            }
        )
    ),
    "idle-at-zero": Scenario(
        lambda: flights(
            endpoint={
                "scaling": AutoscaledReplicas(min=0, max=8, requests_per_replica=600),
                "compute": Compute(cpu=2, memory_gb=4),
                "challenger": Challenger(model="late@rival", percent=20),
            }
        )
    ),
    "pinned-shadow": Scenario(
        lambda: flights(
            endpoint={
                "model": "late/3",
                "challenger": Challenger(model="late/4", percent=50, shadow=True),
                "capture": DataCapture(percent=100),
            }
        )
    ),
    "alias-autoscaled": Scenario(
        lambda: flights(endpoint={"scaling": AutoscaledReplicas(max=4)}),
        {"profile": Profile.REGULATED},
    ),
    "remote-folder": Scenario(
        lambda: flights(
            data={"source": "abfss://raw@lake.dfs.core.windows.net/flights/", "format": "jsonl"}
        )
    ),
    "complete-dev": Scenario(lambda: complete(LIGHT)),
    "complete-prod": Scenario(
        complete,
        {
            "profile": Profile.PROD,
            "encryption": ExistingKey(key=KEY),
            "network": ExistingNetwork(network=NETWORK, subnets=(f"{NETWORK}/subnets/jobs",)),
            "runtime_image": f"example.azurecr.io/runtime@{DIGEST}",
        },
    ),
    "complete-regulated": Scenario(
        complete,
        {
            "profile": Profile.REGULATED,
            "encryption": CustomerKey(rotation_days=90),
            "network": OwnNetwork(),
        },
    ),
}
