"""`CustomJob`, for Pulumi programs; written by `tools/gcp_resources.py`."""

# ruff: noqa: PLR0913 -- the fields are the API's

from collections.abc import Mapping
from typing import Any

import pulumi

from mlops_iac_gcp.resources.typed.base import Json, VertexResource


class CustomJob(VertexResource):
    """A training or other job of one's own containers."""

    token = "mlops-iac:gcp:CustomJob"  # noqa: S105
    outputs = (
        "name",
        "state",
        "createTime",
        "startTime",
        "endTime",
        "error",
        "webAccessUris",
    )
    name: pulumi.Output[Any]
    state: pulumi.Output[Any]
    create_time: pulumi.Output[Any]
    start_time: pulumi.Output[Any]
    end_time: pulumi.Output[Any]
    error: pulumi.Output[Any]
    web_access_uris: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        *,
        display_name: pulumi.Input[str],
        job_spec: pulumi.Input[Json],
        cancel_on_stop: pulumi.Input[bool] | None = None,
        encryption_spec: pulumi.Input[Json] | None = None,
        key: pulumi.Input[str] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        on_delete: pulumi.Input[str] | None = None,
        wait: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            resource_name: logical name.
            display_name: The display name of the CustomJob. The name can be up to 128 characters
                long and can consist of any UTF-8 characters.
            job_spec: Job spec.
            cancel_on_stop: Whether stopping an `up` that waits also cancels the run.
            encryption_spec: Customer-managed encryption key options for a CustomJob. If this is
                set, then all resources created by the CustomJob will be encrypted with the provided
                encryption key.
            key: Another key is another run of the same declaration.
            labels: The labels with user-defined metadata to organize CustomJobs. Label keys and
                values can be no longer than 64 characters (Unicode codepoints), can only contain
                lowercase letters, numeric characters, underscores and dashes. International
                characters are allowed. See https://goo.gl/xmQnxf for more information and examples
                of labels.
            on_delete: `keep` the history (when left out), `cancel` the run, or `delete` it.
            wait: `submitted` (when left out), or `finished`: `up` waits for the end.
            opts: Pulumi's options; its provider is a `Provider` of this package.
        """
        inputs = {
            "displayName": display_name,
            "jobSpec": job_spec,
            "cancelOnStop": cancel_on_stop,
            "encryptionSpec": encryption_spec,
            "key": key,
            "labels": labels,
            "onDelete": on_delete,
            "wait": wait,
        }
        super().__init__(resource_name, inputs, opts)
