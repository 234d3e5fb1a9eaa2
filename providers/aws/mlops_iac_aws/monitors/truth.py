"""Late truth on SageMaker: ground truth in the bucket, in the form that Model Monitor merges.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.operations import Truth
from mlops_iac.runtime.monitor.captured import REQUEST, ROW
from mlops_iac.runtime.monitor.performance import LABEL
from mlops_iac.runtime.truth import read_truth
from mlops_iac_aws.monitors.capture import labels_text
from mlops_iac_aws.monitors.places import captured_requests, truth_prefix
from mlops_iac_aws.session import Clients

_EXAMPLES = 3


def tell(clients: Clients, bucket: str, endpoint: str, path: Path, label: str | None) -> Truth:
    """Keep the labels in a file beside the endpoint's captured traffic.

    Args:
        clients: of the stack's place.
        bucket: of the stack.
        endpoint: component whose predictions they are the truth of.
        path: CSV, JSON lines or parquet, as `mlops_iac.runtime.truth` reads it.
        label: column with the label; the only other column when left out.

    Raises:
        OperationError: the file cannot be read, or lists all that is wrong with it.
    """
    kept = read_truth(path, label)
    wanted = set(kept[REQUEST])
    unknown = wanted - captured_requests(clients, bucket, endpoint, wanted)
    missing = kept[kept[REQUEST].isin(unknown)]
    return Truth(
        endpoint=endpoint,
        rows=len(kept),
        unknown=len(missing),
        examples=tuple(missing[REQUEST].drop_duplicates().head(_EXAMPLES)),
        file=_keep(clients, bucket, endpoint, kept),
    )


def _keep(clients: Clients, bucket: str, endpoint: str, kept: Any) -> str:
    # The hour is that of the telling: Model Monitor merges what came since its last check.
    hour = datetime.now(UTC).strftime("%Y/%m/%d/%H")
    key = f"{truth_prefix(endpoint)}{hour}/{uuid.uuid4().hex}.jsonl"
    lines = (json.dumps(record) for record in _records(kept))
    clients("s3").put_object(
        Bucket=bucket,
        Key=key,
        Body="".join(f"{line}\n" for line in lines).encode(),
        ContentType="application/jsonlines",
        ChecksumAlgorithm="SHA256",
    )
    return f"s3://{bucket}/{key}"


def _records(kept: Any) -> Iterator[Mapping[str, Any]]:
    for request, rows in kept.groupby(REQUEST, sort=False):
        labels = dict(zip(rows[ROW].tolist(), rows[LABEL].tolist(), strict=True))
        yield {
            "groundTruthData": {"data": labels_text(labels), "encoding": "CSV"},
            "eventMetadata": {"eventId": str(request)},
            "eventVersion": "0",
        }
