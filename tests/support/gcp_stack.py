"""The stack `shop` on the Google Cloud test cloud, by the real engine and the stand-in plugin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mlops_iac_gcp import facts, registry, serving
from mlops_iac_gcp.model_request import register_version
from mlops_iac_gcp.session import Place

from mlops_iac.provider import Scope
from mlops_iac.registry import Model, Record
from mlops_iac.specs import Approval
from tests.clouds.gcp.addresses import PROJECT, REGION
from tests.clouds.gcp.running import Cloud
from tests.providers.gcp import scenarios
from tests.providers.gcp.scenarios import IMAGE, MODEL
from tests.support.cloud_stack import CloudStack, planned
from tests.support.engine import REPOSITORY

PLUGINS = REPOSITORY / "tests" / "clouds" / "gcp" / "plugins"
"""Folder of the stand-in; belongs on `PATH`."""
_FOR_EVER = ("cloudbuild", "cloudkms", "serviceusage")
"""Services in which Google Cloud deletes nothing: key rings and keys stay, without a version, and
so does what was built when."""


def everything(cloud: Cloud) -> set[str]:
    """Return the names of all that is in the cloud, but for what Google Cloud never deletes."""
    found = cloud.control("resources")
    # A custom role that was deleted can come back for some days.
    there = (one for one in found if not one["body"].get("deleted"))
    return {one["name"] for one in there if one["service"] not in _FOR_EVER}


@dataclass(frozen=True)
class GcpStack(CloudStack):
    """One stack, its engine and its cloud."""

    cloud: Cloud

    plugins = PLUGINS
    write_files = staticmethod(scenarios.write_files)
    platform: ClassVar[Mapping[str, Any]] = {
        "target": "gcp",
        "region": REGION,
        "account": PROJECT,
        "runtime_image": IMAGE,
    }

    @property
    def bucket(self) -> str:
        """Name of the stack's bucket."""
        return facts.bucket(self.scope)

    @property
    def scope(self) -> Scope:
        """What names are made of."""
        return planned(self.components(), self.folder).scopes["score"]

    @property
    def _model(self) -> Model:
        name = facts.model_name(self.scope, "late")
        return Model(name=name, component="late", bucket=self.bucket)

    @property
    def place(self) -> Place:
        """Where this process asks; the cloud's variables must be set."""
        return Place(project=self.cloud.project, region=self.cloud.region)

    def register(self) -> int:
        """Register an approved version as a training's launcher does; return its number.

        It has no files: in this cloud nothing reads them.
        """
        scope, spec = self.scope, MODEL.model_copy(update={"approval": Approval.AUTOMATIC})
        model = self._model
        number = len(registry.listed(self.place, model)) + 1
        run = f"run-{number}"
        artifact = f"gs://{self.bucket}/runs/delay/{run}/delay/model"
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
        deployment = serving.load(self.place, self.bucket, "score")
        serving.promote(work, deployment, number)

    def endpoint(self) -> Mapping[str, Any]:
        """Return the endpoint as anybody sees it."""
        return self.cloud.call("GET", f"aiplatform/v1/{facts.endpoint_name(self.scope, 'score')}")


def _no_pause(_seconds: float) -> None:
    """Wait for nothing: in the test cloud each look moves an operation on."""
