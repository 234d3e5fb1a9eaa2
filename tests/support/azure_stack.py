"""The stack `shop` on the Azure test cloud, by the real engine and the stand-in plugin."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from mlops_iac_azure import facts, registry, serving
from mlops_iac_azure.model_request import register_version
from mlops_iac_azure.session import Place

from mlops_iac.provider import Scope
from mlops_iac.registry import Model, Record
from mlops_iac.specs import (
    Approval,
    DataFormat,
    Dataset,
    ModelEndpoint,
    RegisteredModel,
    Spec,
    TrainingJob,
)
from tests.clouds.azure.addresses import REGION, SUBSCRIPTION
from tests.clouds.azure.running import Cloud
from tests.support.cloud_stack import CloudStack, planned
from tests.support.engine import REPOSITORY

PLUGINS = REPOSITORY / "tests" / "clouds" / "azure" / "plugins"
"""Folder of the stand-in; belongs on `PATH`."""
IMAGE = "mlopsiac.azurecr.io/runtime@sha256:" + "a" * 64
PLACE = {"target": "azure", "region": REGION, "account": SUBSCRIPTION, "runtime_image": IMAGE}
RUNS = ("Microsoft.Logic/workflows/runs",)
_DATA = "origin,dep_delay,y\nJFK,3,0\nLGA,21,1\n"


def data() -> tuple[Spec, ...]:
    """Return a platform's least: a dataset."""
    return (Dataset("departures", source="data/*.csv", format=DataFormat.CSV),)


def few() -> tuple[Spec, ...]:
    """Return the five first kinds; nothing runs by itself."""
    kinds: Any = (RegisteredModel, TrainingJob, ModelEndpoint)
    model, job, endpoint = kinds
    return (
        *data(),
        model("late"),
        job("delay", script="train.py", data="departures", model="late", run="manual"),
        endpoint("score", model="late@champion"),
    )


def everything(cloud: Cloud) -> set[str]:
    """Return the ids of all that is in the cloud, but for runs, which go with their workflow."""
    found = cloud.control("resources")
    return {one["id"] for one in found if one["type"] not in RUNS}


@dataclass(frozen=True)
class AzureStack(CloudStack):
    """One stack, its engine and its cloud."""

    cloud: Cloud

    plugins = PLUGINS
    platform: ClassVar[Mapping[str, Any]] = PLACE

    @staticmethod
    def write_files(folder: Path) -> None:
        """Write the files that the components name."""
        (folder / "data").mkdir(exist_ok=True)
        (folder / "data" / "a.csv").write_text(_DATA)
        (folder / "train.py").write_text("print('learned')\n")

    @property
    def scope(self) -> Scope:
        """What names are made of."""
        return next(iter(planned(self.components(), self.folder).scopes.values()))

    @property
    def store(self) -> str:
        """Name of the stack's storage account."""
        return facts.bucket(self.scope)

    @property
    def place(self) -> Place:
        """Where this process asks; the cloud's variables must be set."""
        return facts.place(self.scope)

    @property
    def _model(self) -> Model:
        return Model(name=facts.model_name(self.scope, "late"), component="late", bucket=self.store)

    def register(self) -> int:
        """Register an approved version as a training's launcher does; return its number.

        It has no files: in this cloud nothing reads them.
        """
        scope = self.scope
        spec = RegisteredModel("late", approval=Approval.AUTOMATIC)
        model = self._model
        number = len(registry.listed(self.place, model)) + 1
        run = f"run-{number}"
        artifact = facts.address(scope, f"runs/delay/{run}/delay/model")
        request = register_version(spec, scope, artifact, None, run, image=IMAGE)
        record = Record(digest=f"sha256:{number:064x}", job="delay", run_key=f"key{number}")
        return registry.upload(
            self.place, model, request["body"], run=run, record=record, pause=_no_pause
        )

    def challenge(self, number: int) -> None:
        """Let the alias `challenger` name a version; deploying resolves it."""
        registry.set_alias(self.place, self._model, "challenger", number)

    def promote(self, number: int) -> None:
        """Promote a version from outside, as the run-time verb does."""
        work = serving.Work(place=self.place, log=lambda _: None, pause=_no_pause)
        deployment = serving.load(self.place, self.store, "score")
        serving.promote(work, deployment, number)

    def endpoint(self) -> Mapping[str, Any]:
        """Return the endpoint as anybody sees it."""
        return self.cloud.ask("GET", facts.endpoint_name(self.scope, "score"))


def _no_pause(_seconds: float) -> None:
    """Wait for nothing: in the test cloud each look moves an operation on."""
