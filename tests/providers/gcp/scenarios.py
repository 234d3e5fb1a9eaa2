"""Declarations that together use every field and variant which target `gcp` carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mlops_iac.specs import (
    Accelerator,
    AcceleratorKind,
    Approval,
    Async,
    AutoscaledReplicas,
    BatchInference,
    Canary,
    Challenger,
    ColumnType,
    Compute,
    CustomerKey,
    DataCapture,
    DataFormat,
    Dataset,
    DataValidation,
    ExistingKey,
    ExistingNetwork,
    ExperimentTracker,
    FeatureGroup,
    FixedReplicas,
    Framework,
    HyperparameterSearch,
    Linear,
    ModelCard,
    ModelEndpoint,
    Pipeline,
    ProcessingJob,
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
from mlops_iac.specs.platform import OwnNetwork
from tests.providers.gcp.complete import complete
from tests.providers.gcp.harness import IMAGE

KEY = "projects/acme-kms/locations/europe-west4/keyRings/ml/cryptoKeys/data"
NETWORK = ExistingNetwork(
    network="projects/123456789/global/networks/main",
    subnets=("projects/acme-ml-dev/regions/europe-west4/subnetworks/ml",),
)

DATA = Dataset("departures", source="data/*.csv", format=DataFormat.CSV)
MODEL = RegisteredModel("late")
JOB = TrainingJob("delay", script="train.py", data="departures", model="late")
ENDPOINT = ModelEndpoint("score", model="late@champion")


def _made(kind: Any, name: str, **fields: Any) -> Spec:
    return kind(name, **fields)


CLEAN = _made(
    ProcessingJob,
    "clean",
    script="train.py",
    data="departures",
    outputs={"rows": "csv"},
    parameters={"least": 3},
    instances=2,
    spot=Spot(),
)


@dataclass(frozen=True)
class Scenario:
    """Components on a platform."""

    components: tuple[Spec, ...] = (DATA, MODEL, JOB, ENDPOINT)
    platform: Mapping[str, Any] = field(default_factory=dict[str, Any])


def write_files(folder: Path) -> Path:
    """Write the files that the declarations name; return the folder."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "a.csv").write_text("x,y\n1,0\n2,1\n")
    (folder / "data" / "b.csv").write_text("x,y\n3,1\n")
    (folder / "train.py").write_text("print('train')\n")
    (folder / "helper.py").write_text("X = 1\n")
    (folder / "requirements.txt").write_text("scikit-learn==1.7.0\n")
    (folder / "mlops.yaml").write_text("name: flights\n")
    return folder


SCENARIOS: Mapping[str, Scenario] = {
    "smallest": Scenario(),
    "platform-alone": Scenario(components=()),
    "prod": Scenario(platform={"profile": Profile.PROD, "runtime_image": IMAGE}),
    "regulated-customer-key": Scenario(
        components=(DATA, MODEL, JOB, ENDPOINT.model_copy(update={"capture": DataCapture()})),
        platform={
            "profile": Profile.REGULATED,
            "encryption": CustomerKey(rotation_days=120),
            "tags": {"Team": "Data Science", "cost-center": "42"},
            "role": "deployer@acme-ml-dev.iam.gserviceaccount.com",
        },
    ),
    "own-network": Scenario(
        platform={"profile": Profile.PROD, "encryption": CustomerKey(), "network": OwnNetwork()}
    ),
    "existing-key-and-network": Scenario(
        platform={"encryption": ExistingKey(key=KEY), "network": NETWORK}
    ),
    "gpu-spot-distributed": Scenario(
        components=(
            Dataset(
                "pictures",
                source="gs://acme-pictures/2026/*.jpg",
                format=DataFormat.FILES,
                description="airport cameras",
            ),
            Dataset("weather", source="bq://acme-lake.weather.hourly"),
            MODEL,
            TrainingJob(
                "delay",
                image=IMAGE,
                framework=Framework.PYTORCH,
                data={"images": "pictures", "weather": "weather"},
                model="late",
                compute=Compute(
                    cpu=8,
                    memory_gb=50,
                    accelerator=Accelerator(kind=AcceleratorKind.T4, count=2),
                    disk_gb=200,
                ),
                instances=4,
                spot=Spot(max_wait=timedelta(hours=5)),
                timeout=timedelta(hours=2),
            ),
            ModelEndpoint(
                "score",
                model="late/3",
                compute=Compute(
                    cpu=4, memory_gb=16, accelerator=Accelerator(kind=AcceleratorKind.L4)
                ),
                scaling=FixedReplicas(replicas=3),
                rollout=Linear(step_percent=30),
            ),
        )
    ),
    "everything-in-training": Scenario(
        components=(
            Dataset(
                "departures",
                source="data",
                format=DataFormat.CSV,
                columns={"x": ColumnType.INTEGER, "y": ColumnType.INTEGER},
                description="departures by day",
            ),
            RegisteredModel(
                "late",
                approval=Approval.MANUAL,
                description="late or not",
                card=ModelCard(intended_use="planning", owner="ops", limitations="no storms"),
                trust_pickle=True,
            ),
            TrainingJob(
                "delay",
                script="train.py",
                requirements="requirements.txt",
                framework=Framework.XGBOOST,
                data="departures",
                model="late",
                hyperparameters={"depth": 3, "rate": 0.1, "name": "a", "deep": True},
                metrics=("auc", "f1"),
                environment={"MODE": "fast", "API_KEY": SecretRef(secret="weather-api-key")},
                wait=Wait.FINISHED,
            ),
        ),
    ),
    "every-runnable-kind": Scenario(
        components=(
            DATA,
            MODEL,
            CLEAN,
            _made(
                DataValidation,
                "contract",
                data="clean/rows",
                columns={"x": {"type": "integer", "max": 9}},
                min_rows=1,
            ),
            _made(TrainingJob, "delay", script="train.py", data="clean/rows", model="late"),
            _made(
                HyperparameterSearch,
                "tune",
                job="delay",
                parameters={
                    "depth": {"mode": "integer", "min": 2, "max": 8},
                    "rate": {"min": 0.01, "max": 0.3, "log": True},
                    "kind": {"choices": ["a", 1]},
                },
                metric="auc",
                goal="minimize",
                strategy="random",
                parallel=3,
            ),
            _made(
                BatchInference,
                "forecast",
                model="late/3",
                data="clean/rows",
                keep=["x"],
                schedule={"every": "6h"},
                environment={"TOKEN": SecretRef(secret="weather-api-key")},
            ),
            _made(
                Pipeline,
                "weekly",
                steps=["clean", "contract", "delay"],
                gates=[{"metric": "roc_auc", "data": "clean/rows", "label": "y"}],
                schedule={"cron": "0 3 * * 1-5", "timezone": "Europe/Berlin"},
            ),
        ),
        platform={"encryption": ExistingKey(key=KEY), "network": NETWORK, "runtime_image": IMAGE},
    ),
    "manual-run": Scenario(
        components=(
            DATA,
            TrainingJob("delay", script="train.py", data="departures", run=RunPolicy.MANUAL),
        )
    ),
    "everything-in-serving": Scenario(
        components=(
            DATA,
            MODEL,
            JOB,
            ModelEndpoint(
                "score",
                model="late@challenger",
                scaling=AutoscaledReplicas(min=1, max=5, requests_per_replica=250),
                rollout=Canary(percent=20, wait=timedelta(minutes=3)),
                capture=DataCapture(percent=25),
                timeout=timedelta(seconds=90),
                environment={
                    "MODE": "fast",
                    "TOKEN": SecretRef(secret="projects/acme-vault/secrets/t"),
                },
            ),
        )
    ),
    "serverless": Scenario(
        components=(
            DATA,
            MODEL,
            JOB,
            ModelEndpoint(
                "score",
                model="late@champion",
                scaling=Serverless(memory_gb=16, max_concurrency=48),
                rollout=Canary(percent=20, wait=timedelta(minutes=5)),
                timeout=timedelta(seconds=90),
                environment={"MODE": "fast", "TOKEN": SecretRef(secret="weather-api-key")},
            ),
        ),
        platform={"encryption": ExistingKey(key=KEY), "network": NETWORK, "runtime_image": IMAGE},
    ),
    "async": Scenario(
        components=(
            DATA,
            MODEL,
            JOB,
            ModelEndpoint(
                "score",
                model="late@champion",
                scaling=Async(max=3, concurrency_per_replica=2),
                compute=Compute(cpu=3, memory_gb=9.5),
                timeout=timedelta(minutes=5),
            ),
        ),
        platform={"encryption": ExistingKey(key=KEY), "network": NETWORK, "runtime_image": IMAGE},
    ),
    "challenger": Scenario(
        components=(
            DATA,
            MODEL,
            JOB,
            ModelEndpoint(
                "score",
                model="late/3",
                challenger=Challenger(model="late@candidate", percent=15),
                scaling=AutoscaledReplicas(min=2, max=4),
            ),
        )
    ),
    "scale-to-zero": Scenario(
        components=(
            DATA,
            MODEL,
            JOB,
            ModelEndpoint("score", model="late", scaling=AutoscaledReplicas(min=0, max=2)),
        )
    ),
    "tracking-server": Scenario(
        components=(
            DATA,
            MODEL,
            _made(
                ExperimentTracker, "trials", server={"size": "medium"}, description="what is tried"
            ),
            _made(
                TrainingJob,
                "delay",
                script="train.py",
                data="departures",
                model="late",
                experiment="trials",
            ),
        )
    ),
    "tracking-server-in-a-network": Scenario(
        components=(_made(ExperimentTracker, "trials", server={}),),
        platform={"profile": Profile.PROD, "encryption": CustomerKey(), "network": OwnNetwork()},
    ),
    "features": Scenario(
        components=(
            DATA,
            MODEL,
            FeatureGroup(
                "weather",
                data="departures",
                entities=("origin", "gate"),
                event_time="time_hour",
                features={
                    "temp": ColumnType.NUMBER,
                    "Gusty": ColumnType.BOOLEAN,
                    "seen": ColumnType.TIMESTAMP,
                    "sky": ColumnType.STRING,
                    "n": ColumnType.INTEGER,
                },
                ttl=timedelta(hours=6),
                description="weather by airport",
            ),
            FeatureGroup(
                "past",
                data="departures",
                entities=("origin",),
                event_time="feature_timestamp",
                features={"dewp": ColumnType.NUMBER},
                online=False,
            ),
            TrainingJob(
                "delay",
                script="train.py",
                data="departures",
                model="late",
                features=("weather", "past"),
            ),
        ),
        platform={"profile": Profile.PROD, "encryption": CustomerKey(), "network": NETWORK},
    ),
    "complete-prod": Scenario(
        complete(),
        {
            "profile": Profile.PROD,
            "encryption": ExistingKey(key=KEY),
            "network": NETWORK,
            "runtime_image": IMAGE,
        },
    ),
    "complete-regulated": Scenario(
        complete(),
        {
            "profile": Profile.REGULATED,
            "encryption": CustomerKey(rotation_days=90),
            "network": OwnNetwork(),
        },
    ),
}
