"""The classes in a Pulumi program that knows nothing else of this project."""

import re
import sys
from pathlib import Path
from subprocess import run

from mlops_iac_gcp.resources import (
    DeployedModel,
    EndpointTraffic,
    Model,
    Provider,
    deployed_model_id,
)
from pulumi import ResourceOptions

from mlops_iac.testing import record

GUIDE = Path(__file__).parents[4] / "docs/guides/vertex-resources.md"


def _program() -> None:
    place = Provider("vertex", project="shop", region="europe-west4")
    opts = ResourceOptions(provider=place)
    model = Model(
        "churn",
        display_name="churn",
        container_spec={"imageUri": "img"},
        artifact_uri="gs://shop/1",
        opts=opts,
    )
    endpoint = "projects/shop/locations/europe-west4/endpoints/7"
    identity = deployed_model_id("churn", "v1")
    deployed = DeployedModel(
        "blue",
        endpoint=endpoint,
        model=model.version_name,
        deployed_model_id=identity,
        dedicated_resources={"machineSpec": {"machineType": "n1-standard-2"}},
        opts=opts,
    )
    EndpointTraffic(
        "traffic",
        endpoint=endpoint,
        traffic_split={identity: 100},
        opts=ResourceOptions(provider=place, depends_on=[deployed]),
    )


def test_arguments_become_the_apis_fields_and_what_is_left_out_stays_out() -> None:
    recording = record(_program)
    inputs = recording.one("mlops-iac:gcp:Model").inputs

    assert inputs == {
        "displayName": "churn",
        "containerSpec": {"imageUri": "img"},
        "artifactUri": "gs://shop/1",
    }


def test_the_split_names_a_deployment_that_is_only_planned() -> None:
    recording = record(_program)
    deployed = recording.one("mlops-iac:gcp:DeployedModel").inputs["deployedModelId"]

    assert recording.one("mlops-iac:gcp:EndpointTraffic").inputs["trafficSplit"] == {deployed: 100}


def test_the_guides_program_registers_what_it_shows() -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    recording = record(lambda: exec(program, {}))  # noqa: S102  the page's own program

    assert recording.count("mlops-iac:gcp:DeployedModel") == 1
    assert recording.one("mlops-iac:gcp:EndpointTraffic").inputs["trafficSplit"] == {
        deployed_model_id("churn", "3"): 100
    }


def test_the_plugins_side_loads_no_pulumi() -> None:
    code = "import sys, mlops_iac_gcp.resources as r; sys.exit('pulumi' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
