"""The stack `churn` on the AWS test cloud: README's loop, and what its customers do."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from mlops_iac_aws import names

from mlops_iac.manifest import load_manifest
from mlops_iac.planning import plan
from tests.clouds.aws.running import Cloud
from tests.providers.aws.scenarios import RUNTIME
from tests.support.aws_stack import PLUGINS, AwsStack
from tests.support.churn import LAKE, PROGRAM, TRAINING, customers, manifest, packed
from tests.support.engine import Engine

_PLATFORM = (
    f'{{target: aws, region: eu-west-1, account: "123456789012", runtime_image: "{RUNTIME}"}}'
)


class ChurnStack(AwsStack):
    """The stack, its engine, its cloud and its customers."""

    @classmethod
    def make(cls, engine: Engine, cloud: Cloud, **wish: Any) -> "ChurnStack":
        """Write the project and the data of the old world; nothing is deployed."""
        del wish
        path = f"{PLUGINS}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**cloud.environment, "PATH": path})
        made = cls(engine, cloud, engine.project(PROGRAM, name="churn"))
        (made.folder / "mlops.yaml").write_text(manifest(_PLATFORM, f"s3://{LAKE}"))
        (made.folder / "train.py").write_text(TRAINING)
        where = {"LocationConstraint": cloud.region}
        cloud.client("s3").create_bucket(Bucket=LAKE, CreateBucketConfiguration=where)
        made.learned("old", seed=1)
        made.put("judged/rows.parquet", customers(seed=2))
        return made

    def name(self, kind: str, *parts: str) -> str:
        """Return the physical name of something, by the function of `names` that makes it."""
        planned = plan(load_manifest(self.folder / "mlops.yaml", stack="dev"))
        return getattr(names, kind)(planned.scopes["answer"], *parts)

    @property
    def schedule(self) -> str:
        """Name of the monitor's schedule."""
        return self.name("monitoring_schedule", "watch", "data")

    def learned(self, world: str, *, seed: int) -> None:
        """Tell of customers who left or stayed."""
        self.put(f"customers/{world}.parquet", customers(seed=seed, has_turned=world == "new"))

    def put(self, key: str, rows: pd.DataFrame) -> None:
        """Write rows into the lake."""
        self.cloud.client("s3").put_object(Bucket=LAKE, Key=key, Body=packed(rows))

    def ask(self, *, has_turned: bool, seed: int) -> None:
        """Ask the endpoint what its customers of an hour will do."""
        rows = customers(seed=seed, has_turned=has_turned).drop(columns="left")
        self.cloud.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=self.name("endpoint", "answer"),
            ContentType="application/json",
            Body=json.dumps({"dataframe_split": rows.to_dict(orient="split", index=False)}),
        )

    def check(self, since: datetime, *, hour: int) -> None:
        """Let Model Monitor look at the traffic since a moment, at the end of an hour from now."""
        end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hour)
        self.cloud.control(
            "monitor",
            schedule=self.schedule,
            region=self.cloud.region,
            start=since.isoformat(),
            end=end.isoformat(),
        )

    def documents(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the JSON objects of the stack's bucket whose keys begin so, in their order."""
        s3, bucket = self.cloud.client("s3"), self.name("bucket")
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        keys = [item["Key"] for item in listed if item["Key"].endswith(".json")]
        return [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
