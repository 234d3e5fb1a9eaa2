"""Code, environment and component versions, and the run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac import container_contract as contract
from mlops_iac.content import code_files, digest
from mlops_iac.custom import register
from mlops_iac.outputs import DatasetOutputs, TrainingJobOutputs
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac.specs import Dataset, RegisteredModel, RunPolicy, TrainingJob
from mlops_iac_azure import names
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.assets import upload, version_opts
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.registered_model import model_name
from mlops_iac_azure.training_definition import component_body, definition_tags
from mlops_iac_azure.training_job import environment_hash, input_name, run_key, wait_of
from mlops_iac_azure.training_requests import (
    PARAMETERS_FILE,
    RunFacts,
    job_request,
    register_request,
)
from mlops_iac_azure.variables import variables

TOKEN = "mlops-iac:azure:TrainingRun"  # noqa: S105  a type token


@dataclass(frozen=True, kw_only=True)
class _Job:
    spec: TrainingJob
    context: BuildContext
    base: Foundation
    name: str
    """Name of the code, environment and component containers."""

    def id(self, kind: str, version: str, resource: pulumi.Resource) -> pulumi.Output[str]:
        path = known(f"/{kind}/{self.name}/versions/{version}", resource)
        return pulumi.Output.all(self.base.workspace_id, path).apply("".join)

    @property
    def place(self) -> dict[str, Any]:
        return {"resource_group_name": self.base.group, "workspace_name": self.base.workspace}


def build_training_job(spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
    """Register one training definition and, with `run: on_change`, its run."""
    base = Foundation.read(context.built_platform.native)
    job = _Job(
        spec=spec,
        context=context,
        base=base,
        name=context.physical_name(names.ASSET, spec.name),
    )
    code_id = _code(job)
    environment_id = _environment(job)
    definition = _component(job, code_id, environment_id)
    key = run_key(spec, context)
    facts = _facts(job, key, (code_id, environment_id, definition))
    run = _run(job, key, facts) if spec.run is RunPolicy.ON_CHANGE else None
    nothing: pulumi.Output[Any] = pulumi.Output.from_input(None)
    return TrainingJobOutputs(
        native_id=definition,
        console_url=definition.apply(lambda id_: f"https://ml.azure.com/component?id={id_}"),
        definition=definition,
        key=pulumi.Output.from_input(key),
        run_id=nothing if run is None else _read(run, "runId"),
        model_version=nothing if run is None else _read(run, "modelVersion"),
        metrics=pulumi.Output.from_input({}) if run is None else _read(run, "metrics"),
    )


def _read(run: pulumi.CustomResource, output: str) -> pulumi.Output[Any]:
    return getattr(run, output)


def _code(job: _Job) -> pulumi.Output[str]:
    spec, context, base = job.spec, job.context, job.base
    contents: dict[str, pulumi.Asset] = {}
    files = code_files(spec, context.project_dir, context.specs.values())
    contents |= {name: pulumi.FileAsset(str(path)) for name, path in files.items()}
    code_digest = digest(files)
    parameters = json.dumps(dict(spec.hyperparameters), sort_keys=True)
    contents[PARAMETERS_FILE] = pulumi.StringAsset(parameters)
    version = content_hash([code_digest, parameters], names.HASH_DIGITS)
    folder = f"code/{spec.name}/{version}"
    blobs = upload(context, base, folder, contents, "script")
    container = ml.CodeContainer(
        context.name("code"),
        **job.place,
        name=job.name,
        properties=ml.CodeContainerPropertiesArgs(tags=context.tags),
        opts=context.opts("script"),
    )
    code = ml.CodeVersion(
        context.name("code-version"),
        **job.place,
        name=known(job.name, container),
        version=version,
        properties=ml.CodeVersionPropertiesArgs(
            code_uri=pulumi.Output.format("{0}/{1}", base.container_url, folder),
            tags={**context.tags, "mlops-iac.code": code_digest},
        ),
        opts=version_opts(context, "script", depends_on=blobs),
    )
    return job.id("codes", version, code)


def _environment(job: _Job) -> pulumi.Output[str]:
    spec, context = job.spec, job.context
    version = environment_hash(spec, context)
    container = ml.EnvironmentContainer(
        context.name("environment"),
        **job.place,
        name=job.name,
        properties=ml.EnvironmentContainerPropertiesArgs(tags=context.tags),
        opts=context.opts("framework"),
    )
    environment = ml.EnvironmentVersion(
        context.name("environment-version"),
        **job.place,
        name=known(job.name, container),
        version=version,
        properties=ml.EnvironmentVersionPropertiesArgs(
            image=_image(job, version),
            os_type="Linux",
            auto_rebuild="Disabled",
            tags={**context.tags, "mlops-iac.framework": spec.framework.value},
        ),
        opts=version_opts(context, "requirements" if spec.requirements else "image"),
    )
    return job.id("environments", version, environment)


def _image(job: _Job, version: str) -> pulumi.Input[str]:
    """Return the image: the declared one, the runtime, or the runtime with its requirements."""
    if job.spec.image is not None:
        return job.spec.image
    if job.spec.requirements is None:
        return job.base.runtime_image
    server = job.base.registry_server
    return pulumi.Output.format("{0}/mlops-iac/{1}:{2}", server, job.spec.name, version)


def _component(
    job: _Job, code_id: pulumi.Output[str], environment_id: pulumi.Output[str]
) -> pulumi.Output[str]:
    spec, context = job.spec, job.context
    body = component_body(spec)
    version = content_hash([body, definition_tags(spec)], names.HASH_DIGITS)
    ids = pulumi.Output.all(code_id, environment_id)
    # The code's id holds its hash, so that a change of code is a new version too.
    full_version = ids.apply(lambda found: content_hash([version, *found], names.HASH_DIGITS))
    container = ml.ComponentContainer(
        context.name("component"),
        **job.place,
        name=job.name,
        properties=ml.ComponentContainerPropertiesArgs(tags=context.tags),
        opts=context.opts("name"),
    )
    component = ml.ComponentVersion(
        context.name("component-version"),
        **job.place,
        name=known(job.name, container),
        version=full_version,
        properties=ml.ComponentVersionPropertiesArgs(
            component_spec=ids.apply(
                lambda found: {
                    **body,
                    "name": job.name,
                    "code": f"azureml:{found[0]}",
                    "environment": f"azureml:{found[1]}",
                }
            ),
            description=f"training definition {spec.name}",
            tags={**context.tags, **definition_tags(spec)},
        ),
        opts=version_opts(context, ""),
    )
    parts = pulumi.Output.all(
        job.base.workspace_id, known(f"/components/{job.name}/versions/", component), full_version
    )
    return parts.apply("".join)


def _facts(job: _Job, key: str, made: tuple[pulumi.Output[str], ...]) -> RunFacts:
    spec, context, base = job.spec, job.context, job.base
    code_id, environment_id, component_id = made
    return RunFacts(
        group=base.group,
        workspace=base.workspace,
        job=context.physical_name(names.ASSET, spec.name, content=key),
        code_id=code_id,
        component_id=component_id,
        environment_id=environment_id,
        inputs=_inputs(spec, context),
        variables={
            **variables(spec.environment, base.vault_uri, base.training_client),
            **_run_variables(spec, context),
        },
        identity_id=base.training_id,
        experiment=job.name,
        tags={**context.tags, "mlops-iac.key": key},
    )


def _run_variables(spec: TrainingJob, context: BuildContext) -> dict[str, str]:
    columns = {
        contract.COLUMNS + input_name(name).upper(): _contract(data)
        for name, dataset in spec.inputs.items()
        if isinstance(data := context.specs[dataset], Dataset) and data.columns
    }
    return {
        contract.METRICS: ",".join(spec.metrics),
        contract.EXPECTS_MODEL: contract.flag(value=spec.model is not None),
        **columns,
    }


def _contract(data: Dataset) -> str:
    columns = {name: kind.value for name, kind in data.columns.items()}
    return json.dumps({"format": data.format.value, "columns": columns}, sort_keys=True)


def _inputs(spec: TrainingJob, context: BuildContext) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, dataset in spec.inputs.items():
        output = context.outputs[dataset]
        assert isinstance(output, DatasetOutputs)  # noqa: S101  planning refuses other kinds
        found[name] = output.native_id
    return found


def _run(job: _Job, key: str, facts: RunFacts) -> pulumi.CustomResource:
    spec, context = job.spec, job.context
    requests = [job_request(spec, facts)]
    model = context.specs.get(spec.model) if spec.model else None
    if isinstance(model, RegisteredModel):
        name = context.outputs[model.name].native_id.apply(lambda id_: id_.rpartition("/")[2])
        requests.append(register_request(spec, facts, model, name))
    inputs = {
        "key": key,
        "job": facts.job,
        "wait": wait_of(spec),
        "timeoutSeconds": int(spec.timeout.total_seconds()),
        "maxWaitSeconds": int(spec.spot.max_wait.total_seconds()) if spec.spot else None,
        "promisedMetrics": list(spec.metrics),
        "model": model_name(context, spec.model) if spec.model else None,
        "compute": spec.compute.model_dump(mode="json"),
        "hyperparameters": dict(spec.hyperparameters),
        "requests": requests,
    }
    return register(
        TOKEN,
        context.name("run"),
        {name: value for name, value in inputs.items() if value is not None},
        outputs=("runId", "status", "modelVersion", "metrics"),
        opts=context.opts("run"),
    )
