"""Ground truth joined with captured traffic, as the merge job of a model quality schedule does.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.clouds.aws.work import objects


def merge(s3: Any, captured: Mapping[str, str], truth: Sequence[str], place: str) -> list[str]:
    """Write the records that have both sides, return the URIs of their folders.

    Args:
        s3: a client.
        captured: URI of each folder of captured traffic, by what follows the prefix.
        truth: URIs of the folders of ground truth.
        place: URI of the folder for the merged records.
    """
    known = {_key(record): record for uri in truth for record in _records(s3, uri)}
    folders: list[str] = []
    for rest, uri in captured.items():
        merged = [*_merged(_records(s3, uri), known)]
        if merged:
            folder = f"{place.rstrip('/')}/{rest}"
            objects.write(s3, f"{folder}/merged.jsonl", objects.joined(merged))
            folders.append(folder)
    return folders


def _records(s3: Any, uri: str) -> Iterator[dict[str, Any]]:
    bucket, _ = objects.parts(uri)
    for key in objects.keys(s3, uri.rstrip("/") + "/"):
        for line in objects.lines(objects.read(s3, f"s3://{bucket}/{key}")):
            yield json.loads(line)


def _key(record: Mapping[str, Any]) -> str:
    """Return what a record is joined by: the caller's id comes before SageMaker's own."""
    event = record["eventMetadata"]
    return str(event.get("inferenceId") or event["eventId"])


def _merged(
    records: Iterator[dict[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[bytes]:
    for record in records:
        if truth := known.get(_key(record)):
            merged = {
                "eventVersion": "0",
                "groundTruthData": truth["groundTruthData"],
                "captureData": record["captureData"],
                "eventMetadata": record["eventMetadata"],
            }
            yield json.dumps(merged).encode()
