"""What a version was made by: its run's result lies beside its model, and is read once."""

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.runtime.result import RESULT_NAME
from mlops_iac_aws import registry
from mlops_iac_aws.faults import found
from mlops_iac_aws.layout import split_uri
from mlops_iac_aws.registry import Version
from mlops_iac_aws.session import Clients

_OUTPUT = "output.tar.gz"
_METRIC_LIMIT = 40
"""A model package takes 50 properties, and has some of ours."""
_METRIC_NAME = re.compile(r"[\w .:/=+@-]{1,100}")
"""botocore sagemaker `CustomerMetadataKey`."""


def identified(clients: Clients, version: Version) -> Version:
    """Return a version with its digest and metrics; who asks first keeps them with it.

    They stand in `run.json` in the output of the training. The digest stays `None` for a version
    that no run of ours made. Metrics beyond 40, or of a name that SageMaker does not take, stay
    in `run.json` alone.
    """
    if version.digest is not None:
        return version
    result = run_result(clients, version.model_data)
    if result is None or not result.get("model"):
        return version
    digest, metrics = result["model"]["digest"], dict(_metrics(result))
    told = {f"{registry.METRIC}{name}": repr(value) for name, value in metrics.items()}
    registry.note(clients, version, {registry.DIGEST: digest, **told})
    return replace(version, digest=digest, metrics=metrics)


def run_result(clients: Clients, model_data: str) -> Mapping[str, Any] | None:
    """Return `run.json` of the run that left a model there, or `None` when there is none."""
    if not model_data.startswith("s3://"):
        return None
    bucket, key = split_uri(model_data)
    beside = f"{key.rpartition('/')[0]}/{_OUTPUT}"
    answer = found(clients("s3").get_object, Bucket=bucket, Key=beside)
    if answer is None:
        return None
    with answer["Body"] as body, tarfile.open(fileobj=body, mode="r|gz") as archive:
        for member in archive:
            if member.name.removeprefix("./") == RESULT_NAME:
                file = archive.extractfile(member)
                return None if file is None else json.load(file)
    return None


def _metrics(result: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    named = [item for item in sorted(result["metrics"].items()) if _METRIC_NAME.fullmatch(item[0])]
    yield from named[:_METRIC_LIMIT]
