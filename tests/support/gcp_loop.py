"""The stack `churn` on the Google Cloud test cloud: README's loop, and what its customers do."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from mlops_iac_gcp import names
from mlops_iac_gcp.operations import GcpOperations
from mlops_iac_gcp.session import storage

from mlops_iac.manifest import load_manifest
from mlops_iac.operations import Run
from mlops_iac.planning import plan
from mlops_iac.provider import OperationScope, Scope
from tests.clouds.gcp.addresses import PROJECT, REGION
from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.scenarios import IMAGE
from tests.support.churn import LAKE, PROGRAM, TRAINING, customers, manifest, packed
from tests.support.engine import Engine
from tests.support.gcp_stack import GcpStack

_PLATFORM = f'{{target: gcp, region: {REGION}, account: {PROJECT}, runtime_image: "{IMAGE}"}}'


class ChurnStack(GcpStack):
    """The stack, its engine, its cloud and its customers; the cloud's variables must be set."""

    @classmethod
    def make(cls, engine: Engine, cloud: Cloud, **wish: Any) -> "ChurnStack":
        """Write the project and the data of the old world; nothing is deployed."""
        del wish
        cls.reach(engine, cloud)
        made = cls(engine, cloud, engine.project(PROGRAM, name="churn"), tuple)
        (made.folder / "mlops.yaml").write_text(manifest(_PLATFORM, f"gs://{LAKE}"))
        (made.folder / "train.py").write_text(TRAINING)
        storage(made.place).create_bucket(LAKE, location=cloud.region)
        made.learned("old", seed=1)
        made.put("judged/rows.parquet", packed(customers(seed=2)))
        return made

    @property
    def scope(self) -> Scope:
        """What names are made of."""
        planned = plan(load_manifest(self.folder / "mlops.yaml", stack="dev"))
        return planned.scopes["answer"]

    @property
    def operations(self) -> GcpOperations:
        """The run-time verbs."""
        return GcpOperations(OperationScope(**vars(self.scope), outputs={}))

    def learned(self, world: str, *, seed: int) -> None:
        """Tell of customers who left or stayed."""
        rows = customers(seed=seed, has_turned=world == "new")
        self.put(f"customers/{world}.parquet", packed(rows))

    def put(self, key: str, content: bytes) -> None:
        """Write an object into the lake."""
        storage(self.place).bucket(LAKE).blob(key).upload_from_string(content)

    def ask(self, *, has_turned: bool, seed: int) -> None:
        """Ask the endpoint what its customers of an hour will do."""
        rows = customers(seed=seed, has_turned=has_turned).drop(columns="left")
        self.operations.predict("answer", rows.to_dict(orient="records"))

    def schedule(self, component: str) -> str:
        """Return the name of a component's schedule."""
        title = self.scope.physical_name(names.DISPLAY, component)
        found = self.cloud.call("GET", f"aiplatform/v1/{self.cloud.location}/schedules")
        return next(one["name"] for one in found["schedules"] if one["displayName"] == title)

    def check(self) -> Run:
        """Let the monitor's schedule start its next check; return that once it has ended."""
        told = self.cloud.control("fire", schedule=self.schedule("watch"))
        run = told["started"].rpartition("/")[2]
        (started,) = (each for each in self.operations.runs("watch") if each.id == run)
        return self.operations.wait(started)

    def documents(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the JSON objects of the stack's bucket whose paths begin so, in their order."""
        found = storage(self.place).bucket(self.bucket).list_blobs(prefix=prefix)
        kept = sorted((blob for blob in found if blob.name.endswith(".json")), key=_name)
        return [json.loads(blob.download_as_bytes()) for blob in kept]

    def told(self) -> list[Mapping[str, Any]]:
        """Return the arguments of the executions of the policy's workflow, messages decoded."""
        found = self.cloud.control("resources", service="workflowexecutions")
        return [_decoded(json.loads(one["body"]["argument"])) for one in found]


def _name(blob: Any) -> str:
    return blob.name


def _decoded(event: Mapping[str, Any]) -> Mapping[str, Any]:
    if "data" not in event:
        return event
    return json.loads(base64.b64decode(event["data"]["message"]["data"]))
