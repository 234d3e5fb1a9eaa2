"""A project on this machine whose target is the AWS test cloud, driven by `mlops-iac`."""

from pathlib import Path

from tests.clouds.aws.running import Cloud
from tests.providers.aws.scenarios import RUNTIME, write_files
from tests.support.aws_stack import PLUGINS
from tests.support.cloud_laptop import CloudLaptop

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


def aws_laptop(folder: Path, cloud: Cloud) -> CloudLaptop:
    """Write a project with the five first kinds; nothing is deployed."""
    folder.mkdir()
    write_files(folder)
    (folder / "mlops.yaml").write_text(MANIFEST.format(image=RUNTIME))
    return CloudLaptop(folder, cloud, PLUGINS)
