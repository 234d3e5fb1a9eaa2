"""Requests and predictions in BigQuery, encrypted and kept by the profile's rule."""

from __future__ import annotations

from mlops_iac.provider import BuildContext
from mlops_iac.specs import ModelEndpoint
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.identities import member

CAPTURE_TABLE = "requests"
"""Vertex AI makes the table itself, and refuses one that exists."""


def add_capture(
    spec: ModelEndpoint, context: BuildContext, key: sdk.pulumi.Output[str] | None
) -> sdk.gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigArgs | None:
    """Make the dataset; return what the endpoint logs into it. `None` without `capture`."""
    if spec.capture is None:
        return None
    project = facts.project(context)
    dataset = sdk.gcp.bigquery.Dataset(
        context.name("capture"),
        dataset_id=context.physical_name(names.BIGQUERY_DATASET, context.component),
        project=project,
        location=facts.region(context),
        description=f"Requests and predictions of {spec.name}",
        delete_contents_on_destroy=not context.profile.protects_data,
        default_encryption_configuration=None
        if key is None
        else sdk.gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(kms_key_name=key),
        labels=facts.labels(context),
        opts=context.opts("capture", **context.protected()),
    )
    writer = sdk.gcp.bigquery.DatasetIamMember(
        context.name("capture-writer"),
        dataset_id=dataset.dataset_id,
        project=project,
        role="roles/bigquery.dataEditor",
        member=member(context.built_platform.native["vertex_agent"]),
        opts=context.opts("capture"),
    )
    # The endpoint waits for the right to write: `writer.id` is only here to say so.
    table = sdk.pulumi.Output.all(dataset.dataset_id, writer.id).apply(
        lambda values: f"bq://{project}.{values[0]}.{CAPTURE_TABLE}"
    )
    return sdk.gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigArgs(
        enabled=True,
        sampling_rate=spec.capture.percent / 100,
        bigquery_destination=sdk.gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigBigqueryDestinationArgs(
            output_uri=table
        ),
    )
