"""A project on this machine whose target is the Azure test cloud, driven by `mlops-iac`."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.clouds.azure.running import Cloud
from tests.support.azure_stack import IMAGE, PLUGINS
from tests.support.engine import TOOLS
from tests.support.laptop import Laptop

MANIFEST = """\
name: shop
platform:
  target: azure
  region: {region}
  account: {subscription}
  runtime_image: {image}
  encryption: {{mode: customer}}
  network: {{mode: own}}
components:
  departures: {{kind: Dataset, source: data/*.csv, format: csv}}
  compare: {{kind: ExperimentTracker}}
  delay: {{kind: TrainingJob, script: train.py, data: departures, model: late, experiment: compare}}
  late: {{kind: RegisteredModel, approval: manual}}
  score: {{kind: ModelEndpoint, model: late@champion, capture: {{percent: 100}}}}
  retrain:
    kind: Pipeline
    steps: [delay]
    gates: [{{metric: roc_auc, data: departures, label: y}}]
    schedule: {{cron: 0 3 * * *}}
  watch: {{kind: ModelMonitor, endpoint: score, signals: [data_drift], schedule: {{every: 1h}}}}
  refresh: {{kind: RetrainingPolicy, monitor: watch, pipeline: retrain, "on": [data_drift]}}
"""


@dataclass(frozen=True)
class AzureLaptop(Laptop):
    """One project folder and its cloud."""

    cloud: Cloud

    @classmethod
    def make(cls, folder: Path, cloud: Cloud) -> "AzureLaptop":
        """Write a project with the whole loop; nothing is deployed."""
        folder.mkdir()
        (folder / "data").mkdir()
        (folder / "data" / "a.csv").write_text("x,y\n1,0\n2,1\n")
        (folder / "train.py").write_text("print('train')\n")
        manifest = MANIFEST.format(
            region=cloud.region, subscription=cloud.subscription, image=IMAGE
        )
        (folder / "mlops.yaml").write_text(manifest)
        return cls(folder, cloud)

    @property
    def env(self) -> dict[str, str]:
        """What a user with credentials has, and the stand-in on `PATH`."""
        own = super().env
        path = os.pathsep.join([str(PLUGINS), str(TOOLS / "bin"), own["PATH"]])
        credentials = dict(self.cloud.environment)
        return {**own, **credentials, "PATH": path, "PULUMI_TEST_PYTHON": sys.executable}
