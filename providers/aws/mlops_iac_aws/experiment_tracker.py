"""Experiments on AWS: a name in the platform's MLflow, or a tracking server with its pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mlops_iac.outputs import ExperimentTrackerOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ExperimentTracker
from mlops_iac.specs.experiment_tracker import ServerSize
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.experiments import tracking_uri
from mlops_iac_aws.objects import after_platform, register_object

SIZES: Mapping[ServerSize, str] = {
    ServerSize.SMALL: "Small",
    ServerSize.MEDIUM: "Medium",
    ServerSize.LARGE: "Large",
}
"""Up to 25, 50 and 100 users: https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-create-tracking-server.html."""


class ExperimentTrackerAdapter:
    """Maps `ExperimentTracker`; see `docs/mappings/aws/experiment_tracker.md`."""

    def check(self, spec: ExperimentTracker, scope: Scope) -> Iterator[Problem]:
        """Return nothing: all that the specification allows, SageMaker takes."""
        del spec, scope
        yield from ()

    def build(self, spec: ExperimentTracker, context: BuildContext) -> ExperimentTrackerOutputs:
        """Register the server, when one is asked for, and what the experiment is."""
        server = None if spec.server is None else _server(spec, spec.server.size, context)
        platform = context.built_platform.tracking_uri
        uri = sdk.pulumi.Output.from_input(tracking_uri(spec, context, platform))
        name = names.experiment(context, spec.name)
        record = register_object(
            context,
            "experiment",
            "name",
            place.experiment_key(spec.name),
            content=json.dumps(_record(spec, context), sort_keys=True),
            content_type="application/json",
        )
        url = server.tracking_server_url if server else sdk.pulumi.Output.from_input(None)
        return ExperimentTrackerOutputs(
            native_id=server.arn if server else record.id,
            console_url=sdk.pulumi.Output.from_input(place.console(context, "mlflow")),
            experiment=record.id.apply(lambda _: name),
            tracking_uri=uri,
            url=url,
            # Its pages are opened with a signed address that AWS gives for five minutes.
            credential=sdk.pulumi.Output.from_input(None),
        )


def _record(spec: ExperimentTracker, context: BuildContext) -> dict[str, str | None]:
    """Return what verbs read: in clear, so that a plan shows it."""
    return {
        "experiment": names.experiment(context, spec.name),
        "description": spec.description,
        # `None` is the platform's own MLflow.
        "tracking_uri": tracking_uri(spec, context, None),
    }


def _server(
    spec: ExperimentTracker, size: ServerSize, context: BuildContext
) -> sdk.aws.sagemaker.MlflowTrackingServer:
    return sdk.aws.sagemaker.MlflowTrackingServer(
        context.name("server"),
        tracking_server_name=names.tracking_server(context, spec.name),
        tracking_server_size=SIZES[size],
        artifact_store_uri=f"{place.artifact_root(context)}/mlflow/{spec.name}",
        role_arn=place.role_arn(context, names.TRACKING_ROLE),
        # Versions are registered by the training pipeline, once, with their approval.
        automatic_model_registration=False,
        tags=context.tags,
        opts=context.opts("server", depends_on=after_platform(context), **context.protected()),
    )
