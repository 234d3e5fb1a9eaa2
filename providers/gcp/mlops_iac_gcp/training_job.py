"""TrainingJob on Google Cloud: a definition of objects, and the run as a resource."""

from collections.abc import Iterator
from typing import Any

import pulumi

from mlops_iac.content import code_files, code_problems, file_digest
from mlops_iac.custom import register
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope, content_hash
from mlops_iac.run_key import requirements_digest
from mlops_iac.specs import RegisteredModel, RunPolicy, TrainingJob, Wait
from mlops_iac_gcp import facts
from mlops_iac_gcp import job_request as requests
from mlops_iac_gcp.compute import compute_problems
from mlops_iac_gcp.model_request import register_version
from mlops_iac_gcp.objects import add_object
from mlops_iac_gcp.workload import environment_problems, grant_secrets

TRAINING_RUN = "mlops-iac:gcp:TrainingRun"


class TrainingJobAdapter:
    """A definition is a document in the bucket: Vertex AI has none, and a job is an event."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterator[Problem]:
        """Yield what Vertex AI could not run."""
        yield from compute_problems(spec.name, spec.compute)
        yield from environment_problems(spec.name, spec.environment)
        yield from _spot_problems(spec)
        yield from _input_problems(spec)
        yield from code_problems(spec, scope.project_dir, scope.specs.values())

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register code, parameters, definition and, with `run: on_change`, the run."""
        granted: list[pulumi.Resource] = [
            *grant_secrets(context, Purpose.TRAINING, spec.environment)
        ]
        parts = [*granted, *_uploads(spec, context)]
        document = _definition(spec, context, _surroundings(context))
        path = _definition_path(spec, context)
        definition = add_object(context, "definition", path, "", content=document)
        uri = facts.address(context, path)
        run = None
        if spec.run is RunPolicy.ON_CHANGE:
            run = _run(spec, context, document, uri, [*parts, definition])
        return TrainingJobOutputs(
            native_id=pulumi.Output.from_input(uri),
            console_url=pulumi.Output.from_input(
                facts.console(context, "vertex-ai/training/custom-jobs")
            ),
            definition=pulumi.Output.from_input(uri),
            key=pulumi.Output.from_input(requests.run_key(spec, context)),
            run_id=_output(run, "runId"),
            model_version=_output(run, "modelVersion"),
            metrics=_output(run, "metrics") if run else pulumi.Output.from_input({}),
        )


def _output(run: pulumi.CustomResource | None, name: str) -> pulumi.Output[Any]:
    return pulumi.Output.from_input(None) if run is None else getattr(run, name)


def _surroundings(context: BuildContext) -> requests.Surroundings:
    platform = context.built_platform
    has_key = platform.encryption_key if _has_key(context) else None
    attachment = platform.native["network_attachment"] if _has_network(context) else None
    return requests.Surroundings(
        service_account=platform.identities[Purpose.TRAINING],
        tensorboard=platform.native["tensorboard"],
        key=has_key,
        network_attachment=attachment,
    )


def _has_key(scope: Scope) -> bool:
    return scope.platform.encryption.mode != "managed"


def _has_network(scope: Scope) -> bool:
    return scope.platform.network.mode == "existing"


def _uploads(spec: TrainingJob, context: BuildContext) -> Iterator[pulumi.Resource]:
    if spec.script is not None:
        files = code_files(spec, context.project_dir, context.specs.values())
        archive = pulumi.AssetArchive(
            {name: pulumi.FileAsset(str(path)) for name, path in files.items()}
        )
        path = requests.code_path(spec, context)
        digest = requests.code_digest(spec, context)
        yield add_object(context, "code", path, "script", source=archive, sha256=digest)
    if spec.requirements is not None:
        source = context.project_dir / spec.requirements
        digest = file_digest(source)
        path = f"code/{spec.name}/requirements-{digest}.txt"
        asset = pulumi.FileAsset(str(source))
        yield add_object(context, "requirements", path, "requirements", source=asset, sha256=digest)
    path = requests.hyperparameters_path(spec)
    content = dict(spec.hyperparameters)
    yield add_object(context, "hyperparameters", path, "hyperparameters", content=content)


def _definition(spec: TrainingJob, scope: Scope, around: requests.Surroundings) -> dict[str, Any]:
    return {
        "requests": _requests(spec, scope, around),
        "key": requests.run_key(spec, scope),
        "metrics": list(spec.metrics),
        "wait": _wait(spec).value,
        "compute": spec.compute.model_dump(mode="json"),
        "requirements": requirements_digest(spec, scope.project_dir),
        "maxWaitSeconds": None if spec.spot is None else int(spec.spot.max_wait.total_seconds()),
    }


def _definition_path(spec: TrainingJob, scope: Scope) -> str:
    # The platform's Outputs are not known yet: what was declared of them stands in their place.
    platform = scope.platform
    declared = requests.Surroundings(
        key=platform.encryption.model_dump(mode="json") if _has_key(scope) else None,
        network_attachment=platform.network.model_dump(mode="json"),
    )
    template = _definition(spec, scope, declared)
    return f"definitions/{spec.name}/{content_hash(template, 16)}.json"


def _requests(
    spec: TrainingJob, scope: Scope, around: requests.Surroundings
) -> list[dict[str, Any]]:
    started = requests.create_job(spec, scope, around)
    model = scope.specs.get(spec.model) if spec.model else None
    if not isinstance(model, RegisteredModel):
        return [started]
    artifact = facts.address(scope, f"{requests.output_folder(spec, scope)}/model")
    note = f"{spec.name} {requests.run_key(spec, scope)}"
    return [started, register_version(model, scope, artifact, around.key, note)]


def _wait(spec: TrainingJob) -> Wait:
    return spec.wait or Wait.SUBMITTED


def _run(
    spec: TrainingJob,
    context: BuildContext,
    document: dict[str, Any],
    definition: str,
    after: list[pulumi.Resource],
) -> pulumi.CustomResource:
    built = [
        context.components[name] for name in spec.inputs.values() if name in context.components
    ]
    inputs = {
        "job": spec.name,
        "key": document["key"],
        "definition": definition,
        "wait": document["wait"],
        "model": None if spec.model is None else facts.model_name(context, spec.model),
        "promisedMetrics": document["metrics"],
        "compute": document["compute"],
        "maxWaitSeconds": document["maxWaitSeconds"],
        "requests": document["requests"],
    }
    return register(
        TRAINING_RUN,
        context.name("run"),
        {name: value for name, value in inputs.items() if value is not None},
        outputs=("runId", "status", "modelVersion", "metrics"),
        opts=context.opts("run", depends_on=[*after, *built]),
    )


def _input_problems(spec: TrainingJob) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name in spec.inputs:
        variable = requests.input_variable(name)
        if not variable.isidentifier() or variable in taken:
            yield Problem(
                code="training.input-name",
                component=spec.name,
                field=f"data.{name}",
                value=name,
                message=f"`{name}` cannot name an input",
                rule="letters, digits, `-` and `_`, and no two alike but for case, `-` and `_`",
                remedy="rename the input",
            )
        taken[variable] = name


def _spot_problems(spec: TrainingJob) -> Iterator[Problem]:
    if spec.spot is not None and spec.spot.max_wait < spec.timeout:
        yield Problem(
            code="spot.max-wait",
            component=spec.name,
            field="spot.max_wait",
            value=str(spec.spot.max_wait),
            message="`spot.max_wait` is shorter than `timeout`",
            rule="the whole time, interruptions included, holds the running time",
            remedy="raise `spot.max_wait`, or lower `timeout`",
        )
