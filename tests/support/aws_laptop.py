"""A project on this machine whose target is the AWS test cloud, driven by `mlops-iac`."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.clouds.aws.running import Cloud
from tests.providers.aws.scenarios import RUNTIME, write_files
from tests.support.aws_stack import PLUGINS
from tests.support.engine import TOOLS
from tests.support.laptop import Laptop

MANIFEST = """\
name: shop
platform:
  target: aws
  region: eu-west-1
  account: "123456789012"
  runtime_image: {image}
  encryption: {{mode: customer}}
components:
  flights: {{kind: Dataset, source: data/*.csv, format: csv}}
  delay: {{kind: TrainingJob, script: train.py, data: flights, model: late}}
  late: {{kind: RegisteredModel, approval: manual}}
  score: {{kind: ModelEndpoint, model: late@champion}}
"""


@dataclass(frozen=True)
class AwsLaptop(Laptop):
    """One project folder and its cloud."""

    cloud: Cloud

    @classmethod
    def make(cls, folder: Path, cloud: Cloud) -> "AwsLaptop":
        """Write a project with the five first kinds; nothing is deployed."""
        folder.mkdir()
        write_files(folder)
        (folder / "mlops.yaml").write_text(MANIFEST.format(image=RUNTIME))
        return cls(folder, cloud)

    @property
    def env(self) -> dict[str, str]:
        """What a user with credentials has, and the stand-ins on `PATH`."""
        own = super().env
        path = os.pathsep.join([str(PLUGINS), str(TOOLS / "bin"), own["PATH"]])
        credentials = dict(self.cloud.environment)
        return {**own, **credentials, "PATH": path, "PULUMI_TEST_PYTHON": sys.executable}

    def remove(self) -> None:
        """Forget the project, whatever it holds."""
        shutil.rmtree(self.folder)
