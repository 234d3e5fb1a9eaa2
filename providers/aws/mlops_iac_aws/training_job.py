"""Training on AWS: a SageMaker pipeline is the definition, starting it is the run.

A pipeline trains and registers on the service's side, so nobody waits for it; its start takes a
token of ours, so a start that is repeated after a crash finds the run that it made.
"""

from collections.abc import Iterable
from typing import Any

import pulumi
import pulumi_aws as aws

from mlops_iac import custom
from mlops_iac.content import FileSet, file_digest
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.specs import RegisteredModel, TrainingJob
from mlops_iac.specs.training_job import RunPolicy, Wait
from mlops_iac_aws import names, place
from mlops_iac_aws.network import vpc_config, vpc_in_pipeline, vpc_parameters
from mlops_iac_aws.objects import after, register_object
from mlops_iac_aws.registered_model import APPROVAL_STATUS
from mlops_iac_aws.requests import UNKNOWN, request
from mlops_iac_aws.training_checks import training_problems
from mlops_iac_aws.training_key import Code, code_of, run_key
from mlops_iac_aws.training_request import (
    Package,
    Wiring,
    is_isolated,
    package_arguments,
    training_arguments,
)

TRAINING_RUN = "mlops-iac:aws:TrainingRun"


class TrainingJobAdapter:
    """Maps `TrainingJob`; see `docs/mappings/aws/training_job.md`."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse."""
        return training_problems(spec, scope)

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register code, definition and, with `run: on_change`, the run."""
        code = code_of(spec, context)
        uploads = _uploads(spec, context, code)
        pipeline = _pipeline(spec, context, code, uploads)
        key = run_key(spec, context)
        run = _run(spec, context, code, key, pipeline) if spec.run is RunPolicy.ON_CHANGE else None
        nothing = pulumi.Output.from_input(None)
        return TrainingJobOutputs(
            native_id=pipeline.arn,
            console_url=pulumi.Output.from_input(
                place.console(context, f"pipelines/{names.pipeline(context, spec.name)}")
            ),
            definition=pipeline.arn,
            key=pulumi.Output.from_input(key),
            run_id=_attribute(run, "run_id") if run else nothing,
            model_version=_attribute(run, "model_version") if run else nothing,
            metrics=_attribute(run, "metrics") if run else pulumi.Output.from_input({}),
        )


def _uploads(spec: TrainingJob, context: BuildContext, code: Code | None) -> list[pulumi.Resource]:
    found: list[pulumi.Resource] = []
    if code is not None:
        key = place.code_key(spec.name, code.digest)
        source = _archive(code.files)
        found.append(register_object(context, "code", "script", key, source=source))
    if spec.requirements is not None:
        path = context.project_dir / spec.requirements
        key = place.requirements_key(spec.name, file_digest(path)[:16])
        source = pulumi.FileAsset(str(path))
        found.append(register_object(context, "requirements", "requirements", key, source=source))
    return found


def _archive(files: FileSet) -> pulumi.AssetArchive:
    return pulumi.AssetArchive({name: pulumi.FileAsset(str(path)) for name, path in files.items()})


def _model(spec: TrainingJob, scope: Scope) -> RegisteredModel | None:
    model = scope.specs.get(str(spec.model)) if spec.model else None
    return model if isinstance(model, RegisteredModel) else None


def _pipeline(
    spec: TrainingJob, context: BuildContext, code: Code | None, uploads: list[pulumi.Resource]
) -> aws.sagemaker.Pipeline:
    referred = [*spec.inputs.values(), *([str(spec.model)] if spec.model else [])]
    name = names.pipeline(context, spec.name)
    return aws.sagemaker.Pipeline(
        context.name("pipeline"),
        pipeline_name=name,
        pipeline_display_name=name,
        pipeline_description=_description(spec),
        role_arn=place.role_arn(context, Purpose.PIPELINE),
        pipeline_definition=pulumi.Output.json_dumps(_definition(spec, context, code)),
        tags=context.tags,
        opts=context.opts("script", depends_on=[*after(context, *referred), *uploads]),
    )


def _description(spec: TrainingJob) -> str:
    compute = spec.compute
    asked = f"{compute.cpu} vcpu, {compute.memory_gb:g} GiB, {compute.disk_gb} GB of disk"
    if compute.accelerator:
        asked += f", {compute.accelerator.count} x {compute.accelerator.kind.value}"
    return f"Trains {spec.name} with {spec.framework.value} on at least {asked}"


def _definition(spec: TrainingJob, context: BuildContext, code: Code | None) -> dict[str, Any]:
    parameters = _parameters(spec, context)
    get = {name: {"Get": f"Parameters.{name}"} for name in parameters}
    wiring = Wiring(
        runtime_image=get.get("RuntimeImage"),
        tracking_uri=get.get("TrackingUri"),
        key=get.get("EncryptionKey"),
        vpc=vpc_in_pipeline(vpc_config(context)),
    )
    arguments = training_arguments(spec, context, wiring, code and code.uri)
    steps: list[dict[str, Any]] = [{"Name": "Train", "Type": "Training", "Arguments": arguments}]
    model = _model(spec, context)
    if model is not None:
        steps.append(
            {
                "Name": "Register",
                "Type": "RegisterModel",
                "Arguments": package_arguments(
                    spec,
                    Package(
                        group=names.model_group(context, model.name),
                        status=APPROVAL_STATUS[model.approval],
                        image=get["RuntimeImage"],
                        model_data={"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
                        run_key=get["RunKey"],
                    ),
                ),
            }
        )
    return {
        "Version": "2020-12-01",
        "Parameters": [{"Name": name, "Type": "String"} for name in parameters],
        "Steps": steps,
    }


def _parameters(spec: TrainingJob, context: BuildContext) -> dict[str, Any]:
    """Return the values that a start gives the pipeline, so that its definition is in clear."""
    platform = context.built_platform
    values: dict[str, Any] = {"RunKey": run_key(spec, context)}
    if spec.image is None or spec.model is not None:
        values["RuntimeImage"] = platform.native["runtime_image"]
    if context.platform.encryption.mode != "managed":
        values["EncryptionKey"] = platform.encryption_key
    if not is_isolated(spec, context):
        values["TrackingUri"] = platform.tracking_uri
    return {**values, **vpc_parameters(vpc_config(context))}


def _run(
    spec: TrainingJob,
    context: BuildContext,
    code: Code | None,
    key: str,
    pipeline: aws.sagemaker.Pipeline,
) -> pulumi.CustomResource:
    model = _model(spec, context)
    return custom.register(
        TRAINING_RUN,
        context.name("run"),
        {
            "job": spec.name,
            "key": key,
            "pipeline": names.pipeline(context, spec.name),
            "model_group": names.model_group(context, model.name) if model else None,
            "metric_names": list(spec.metrics),
            "wait": (spec.wait or Wait.SUBMITTED).value,
            "timeout_seconds": int(
                (spec.spot.max_wait if spec.spot else spec.timeout).total_seconds()
            ),
            "requests": _requests(spec, context, code, key),
        },
        outputs=("run_id", "model_version", "metrics"),
        opts=context.opts("run", depends_on=[pipeline, *after(context)]),
    )


def _requests(
    spec: TrainingJob, context: BuildContext, code: Code | None, key: str
) -> list[dict[str, Any]]:
    """Return the start, and what the pipeline then asks of SageMaker by itself."""
    values = _parameters(spec, context)
    wiring = Wiring(
        runtime_image=values.get("RuntimeImage"),
        tracking_uri=values.get("TrackingUri"),
        key=values.get("EncryptionKey"),
        vpc=vpc_config(context),
    )
    start = {
        "PipelineName": names.pipeline(context, spec.name),
        "ClientRequestToken": key,
        "PipelineExecutionDescription": f"Key {key}",
        "PipelineParameters": [{"Name": n, "Value": v} for n, v in values.items()],
    }
    training = training_arguments(spec, context, wiring, code and code.uri)
    found = [
        request("sagemaker", "StartPipelineExecution", start),
        request("sagemaker", "CreateTrainingJob", {"TrainingJobName": UNKNOWN, **training}),
    ]
    model = _model(spec, context)
    if model is not None:
        package = Package(
            group=names.model_group(context, model.name),
            status=APPROVAL_STATUS[model.approval],
            image=values["RuntimeImage"],
            model_data=UNKNOWN,
            run_key=key,
        )
        body = package_arguments(spec, package)
        found.append(request("sagemaker", "CreateModelPackage", body))
    return found


def _attribute(resource: pulumi.CustomResource, name: str) -> pulumi.Output[Any]:
    return getattr(resource, name)
