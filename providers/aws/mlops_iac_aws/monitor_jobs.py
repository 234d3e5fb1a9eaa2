"""Job definitions of a monitor: which container checks, what it reads, where it writes.

`aws-native`, because the classic provider knows neither the container's entry point nor the model
quality type.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlops_iac import container_contract as contract
from mlops_iac.data_flow import data_needs
from mlops_iac.names import content_hash
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ModelEndpoint, ModelMonitor, RegisteredModel
from mlops_iac.specs.model_monitor import Signal
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.compute import Use, machine
from mlops_iac_aws.jobs.data import data_uri
from mlops_iac_aws.jobs.images import built_images, trainer_of
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.layout import MODEL, VERSION
from mlops_iac_aws.network import vpc_config
from mlops_iac_aws.objects import after

if TYPE_CHECKING:
    JobDefinition = (
        sdk.aws_native.sagemaker.DataQualityJobDefinition
        | sdk.aws_native.sagemaker.ModelQualityJobDefinition
    )

ENTRYPOINT = ("python", "-m", "mlops_iac_aws.work", "monitor")
INPUT, OUTPUT = "/opt/ml/processing/input/endpoint", "/opt/ml/processing/output"
TRUTH_SPAN = "-P1D"
"""Truth may come a day after its prediction: each check looks back so far."""
_TASK = ("quality", "drift", "performance", "min_rows", "max_rows")
_REGRESSION = frozenset({"rmse", "mae", "r2"})


def job_definition(
    spec: ModelMonitor, part: str, signals: Sequence[Signal], context: BuildContext
) -> JobDefinition:
    """Register what one schedule of a monitor runs. It is immutable: a change is another one."""
    common: dict[str, Any] = {
        "job_definition_name": _name(spec, part, context),
        "role_arn": place.role_arn(context, Purpose.TRAINING),
        "job_resources": {"cluster_config": _cluster(spec, context)},
        "network_config": _network(context),
        "stopping_condition": {"max_runtime_in_seconds": int(spec.timeout.total_seconds())},
        "tags": [sdk.aws_native.CreateOnlyTagArgs(key=k, value=v) for k, v in context.tags.items()],
        "opts": context.opts(
            "signals", depends_on=after(context, str(spec.endpoint), *_needs(spec, context))
        ),
    }
    label, application = context.name(f"{part}-checks"), _application(spec, signals, context)
    if part == "quality":
        common |= {
            "model_quality_app_specification": {**application, "problem_type": _problem(spec)},
            "model_quality_job_input": _labelled_input(spec, context),
            "model_quality_job_output_config": _output(spec, context),
        }
        return sdk.aws_native.sagemaker.ModelQualityJobDefinition(label, **common)
    common |= {
        "data_quality_app_specification": application,
        "data_quality_baseline_config": {
            name: {"s3_uri": uri} for name, uri in _baseline(spec, context).items()
        },
        "data_quality_job_input": {"endpoint_input": _captured(spec, context)},
        "data_quality_job_output_config": _output(spec, context),
    }
    return sdk.aws_native.sagemaker.DataQualityJobDefinition(label, **common)


def task_environment(spec: ModelMonitor, signals: Sequence[Signal]) -> dict[str, str]:
    """Return the variables that tell a check what to judge; each is shorter than 256 characters."""
    document = spec.model_dump(mode="json")
    parts = {"signals": [signal.value for signal in signals], **{k: document[k] for k in _TASK}}
    return {
        contract.TASK_PART + name.upper(): json.dumps(value, sort_keys=True)
        for name, value in parts.items()
    }


def _name(spec: ModelMonitor, part: str, context: BuildContext) -> sdk.pulumi.Output[str]:
    base = names.monitoring_schedule(context, spec.name, part)
    parts = [part, spec.canonical(), context.platform.canonical(), _baseline(spec, context)]
    return _image(spec, context).apply(lambda image: f"{base}-{content_hash([*parts, image])}")


def _image(spec: ModelMonitor, context: BuildContext) -> sdk.pulumi.Output[str]:
    """Return the image in which the model can be loaded: it answers for its baseline."""
    trainer = trainer_of(str(_endpoint(spec, context).model.name), context)
    runtime = sdk.pulumi.Output.from_input(context.built_platform.native["runtime_image"])
    return built_images(context).get(trainer or "", runtime)


def _needs(spec: ModelMonitor, context: BuildContext) -> list[str]:
    return data_needs([] if spec.baseline is None else [spec.baseline], context.specs)


def _application(
    spec: ModelMonitor, signals: Sequence[Signal], context: BuildContext
) -> dict[str, Any]:
    model = context.specs[_endpoint(spec, context).model.name]
    trusts = isinstance(model, RegisteredModel) and model.trust_pickle
    return {
        "image_uri": _image(spec, context),
        "container_entrypoint": list(ENTRYPOINT),
        "environment": {
            **task_environment(spec, signals),
            contract.TRUST_PICKLE: contract.flag(value=trusts),
            "publish_cloudwatch_metrics": "Enabled",
        },
    }


def _problem(spec: ModelMonitor) -> str:
    """Return SageMaker's word for what the model does; our container does not ask."""
    assert spec.performance is not None  # noqa: S101  the signal needs it
    metric = spec.performance.metric.value
    if metric in _REGRESSION:
        return "Regression"
    return "BinaryClassification" if metric == "roc_auc" else "MulticlassClassification"


def _endpoint(spec: ModelMonitor, context: BuildContext) -> ModelEndpoint:
    endpoint = context.specs[spec.endpoint]
    assert isinstance(endpoint, ModelEndpoint)  # noqa: S101  the reference says so
    return endpoint


def _baseline(spec: ModelMonitor, context: BuildContext) -> dict[str, str]:
    """Return what Model Monitor mounts beside the traffic: two objects, or two prefixes."""
    reference = _endpoint(spec, context).model
    named = reference.alias if reference.version is None else str(reference.version)
    copy = place.alias_prefix(context, str(reference.name), named or "")
    if spec.baseline is not None:
        declared = data_uri(spec.baseline, context, Wiring(runtime_image=None))
        return {"statistics_resource": declared, "constraints_resource": f"{copy}/"}
    return {
        "statistics_resource": f"{copy}/{MODEL}",
        "constraints_resource": f"{copy}/{VERSION}",
    }


def _captured(spec: ModelMonitor, context: BuildContext) -> dict[str, Any]:
    return {
        "endpoint_name": names.endpoint(context, str(spec.endpoint)),
        "local_path": INPUT,
    }


def _labelled_input(spec: ModelMonitor, context: BuildContext) -> dict[str, Any]:
    span = {"start_time_offset": TRUTH_SPAN, "end_time_offset": "-P0D"}
    truth = place.truth_prefix(context, str(spec.endpoint))
    return {
        "endpoint_input": {**_captured(spec, context), **span},
        "ground_truth_s3_input": {"s3_uri": truth},
    }


def _output(spec: ModelMonitor, context: BuildContext) -> dict[str, Any]:
    is_managed = context.platform.encryption.mode == "managed"
    s3 = {
        "s3_uri": place.reports_prefix(context, spec.name),
        "local_path": OUTPUT,
        "s3_upload_mode": "EndOfJob",
    }
    key = {} if is_managed else {"kms_key_id": context.built_platform.encryption_key}
    return {"monitoring_outputs": [{"s3_output": s3}], **key}


def _cluster(spec: ModelMonitor, context: BuildContext) -> dict[str, Any]:
    chosen = machine(spec.compute, Use.PROCESSING, context.target.region)
    assert chosen is not None  # noqa: S101  planning refused what no machine satisfies
    # A machine with a disk inside takes no key for it: it encrypts by itself.
    has_key = context.platform.encryption.mode != "managed" and not chosen.local_disk_gb
    key = {"volume_kms_key_id": context.built_platform.encryption_key} if has_key else {}
    return {
        "instance_count": 1,
        "instance_type": chosen.name,
        "volume_size_in_gb": spec.compute.disk_gb,
        **key,
    }


def _network(context: BuildContext) -> dict[str, Any]:
    config = vpc_config(context)
    inside = config and {
        "security_group_ids": config["SecurityGroupIds"],
        "subnets": config["Subnets"],
    }
    return {
        # All that a check reads is mounted.
        "enable_network_isolation": True,
        "enable_inter_container_traffic_encryption": True,
        **({"vpc_config": inside} if inside else {}),
    }
