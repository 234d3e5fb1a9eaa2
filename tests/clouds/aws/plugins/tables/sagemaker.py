"""SageMaker.

Ids: terraform-provider-aws, `internal/service/sagemaker/`; for `aws-native` the `primaryIdentifier`
of the CloudFormation schema.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.clouds.aws.plugins.rows import Call, Row, View
from tests.contract.walkers.botocore_api import operation_shape


def _named(kind: str, member: str, *, has_update: bool = True, **more: Any) -> Row:
    """Return the row of a thing with Create, Describe, Update and Delete by its name."""
    outputs = {"arn": f"found.{kind}Arn", **more.pop("outputs", {})}
    return Row(
        service="sagemaker",
        id=(member,),
        create=Call(f"Create{kind}"),
        read=(Call(f"Describe{kind}"),),
        update=(Call(f"Update{kind}"),) if has_update else (),
        delete=(Call(f"Delete{kind}"),),
        outputs=outputs,
        **more,
    )


def _job_definition(kind: str) -> Row:
    """Return the row of what a monitoring schedule runs; it never changes."""
    return Row(
        service="sagemaker",
        id=("JobDefinitionName",),
        create=Call(f"Create{kind}"),
        read=(Call(f"Describe{kind}"),),
        delete=(Call(f"Delete{kind}"),),
        outputs={"jobDefinitionArn": "found.JobDefinitionArn", "arn": "found.JobDefinitionArn"},
        shape=partial(operation_shape, "sagemaker", f"Create{kind}"),
    )


def _additions(view: View) -> Mapping[str, Any]:
    """Return the features that a group does not have yet."""
    known = {item["featureName"] for item in view["old"].get("featureDefinitions", ())}
    wanted = view["body"]["FeatureDefinitions"]
    return {"FeatureAdditions": [item for item in wanted if item["FeatureName"] not in known]}


SAGEMAKER: Mapping[str, Row] = {
    "aws-native:sagemaker:FeatureGroup": Row(
        service="sagemaker",
        id=("FeatureGroupName",),
        create=Call("CreateFeatureGroup"),
        read=(Call("DescribeFeatureGroup"),),
        update=(Call("UpdateFeatureGroup"),),
        delete=(Call("DeleteFeatureGroup"),),
        outputs={"arn": "found.FeatureGroupArn"},
        status="FeatureGroupStatus",
        prepare=_additions,
        shape=partial(operation_shape, "sagemaker", "CreateFeatureGroup"),
    ),
    "aws-native:sagemaker:DataQualityJobDefinition": _job_definition("DataQualityJobDefinition"),
    "aws-native:sagemaker:ModelQualityJobDefinition": _job_definition("ModelQualityJobDefinition"),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": _named(
        "MonitoringSchedule", "MonitoringScheduleName", status="MonitoringScheduleStatus"
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _named(
        "ModelPackageGroup", "ModelPackageGroupName", has_update=False
    ),
    "aws:sagemaker/modelCard:ModelCard": _named("ModelCard", "ModelCardName"),
    "aws:sagemaker/pipeline:Pipeline": _named("Pipeline", "PipelineName"),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": _named(
        "MlflowTrackingServer",
        "TrackingServerName",
        status="TrackingServerStatus",
        outputs={
            "arn": "found.TrackingServerArn",
            "trackingServerUrl": "found.TrackingServerUrl",
        },
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": Row(
        service="sagemaker",
        id=("Arn",),
        made="Arn",
        create=Call("CreateMlflowApp"),
        read=(Call("DescribeMlflowApp"),),
        update=(Call("UpdateMlflowApp"),),
        delete=(Call("DeleteMlflowApp"),),
        outputs={"arn": "found.Arn"},
        status="Status",
        gone="Status == 'Deleted'",
    ),
    "aws-native:sagemaker:Artifact": Row(
        service="sagemaker",
        id=("ArtifactArn",),
        made="ArtifactArn",
        create=Call("CreateArtifact"),
        read=(Call("DescribeArtifact"),),
        update=(Call("UpdateArtifact"),),
        delete=(Call("DeleteArtifact", {"Source": "null"}),),
        outputs={"artifactArn": "found.ArtifactArn", "arn": "found.ArtifactArn"},
        shape=partial(operation_shape, "sagemaker", "CreateArtifact"),
    ),
}
