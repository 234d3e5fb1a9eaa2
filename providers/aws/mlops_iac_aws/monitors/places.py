"""What an endpoint captured, and what people told of it, in the bucket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac_aws.monitors.capture import events_in
from mlops_iac_aws.session import Clients

LOOK_BACK = timedelta(days=1)
"""Older traffic is judged by no check any more."""


def capture_prefix(endpoint: str) -> str:
    """Return where an endpoint's captured traffic lies in the bucket."""
    return f"capture/{endpoint}/"


def truth_prefix(endpoint: str) -> str:
    """Return where the truth of an endpoint's predictions lies in the bucket."""
    return f"truth/{endpoint}/"


def days(since: datetime, until: datetime) -> list[str]:
    """Return the days of a time, as SageMaker's prefixes name them."""
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    count = (last - first).days + 1
    return [(first + timedelta(days=number)).strftime("%Y/%m/%d") for number in range(count)]


def has_objects(clients: Clients, bucket: str, prefix: str) -> bool:
    """Whether anything lies under a prefix."""
    answer = clients("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    return bool(answer.get("KeyCount"))


def captured_requests(clients: Clients, bucket: str, endpoint: str, wanted: set[str]) -> set[str]:
    """Return which requests are in the traffic of the last day."""
    found = set[str]()
    now = datetime.now(UTC)
    recent = days(now - LOOK_BACK, now)
    for key in _keys(clients, bucket, capture_prefix(endpoint)):
        if found != wanted and any(f"/{day}/" in key for day in recent):
            answer = clients("s3").get_object(Bucket=bucket, Key=key)
            with answer["Body"] as body:
                text = body.read().decode()
            found |= wanted.intersection(event.request for event in events_in(text, key))
    return found


def _keys(clients: Clients, bucket: str, prefix: str) -> Iterator[Any]:
    pages = clients("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            if item["Key"].endswith(".jsonl"):
                yield item["Key"]
