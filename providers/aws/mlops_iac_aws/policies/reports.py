"""The checks of a monitor, as their reports in the bucket tell them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac.runtime.policy import Checked
from mlops_iac_aws.session import Clients

REPORT = "report.json"
LOOK_BACK = timedelta(days=7)
"""Older checks are not looked at: a policy that slept for so long begins anew."""


@dataclass(frozen=True, kw_only=True)
class Reports:
    """Where the checks of a monitor leave their reports."""

    clients: Clients
    bucket: str
    prefixes: Sequence[str]
    """One for each schedule; SageMaker adds the hour."""

    def keys(self, now: float) -> list[str]:
        """Return the reports of the last days."""
        since = datetime.fromtimestamp(now, UTC) - LOOK_BACK
        return [key for prefix in self.prefixes for key in self._keys(prefix, since)]

    def checks(self, keys: Sequence[str]) -> list[Checked]:
        """Return the checks of some reports that gave a verdict, oldest first."""
        found = (self._check(key) for key in keys)
        return sorted((check for check in found if check is not None), key=lambda c: c.at)

    def _keys(self, prefix: str, since: datetime) -> Iterator[str]:
        pages = self.clients("s3").get_paginator("list_objects_v2")
        after = f"{prefix}{since:%Y/%m/%d}"
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix, StartAfter=after):
            for item in page.get("Contents", ()):
                if item["Key"].endswith(f"/{REPORT}"):
                    yield item["Key"]

    def _check(self, key: str) -> Checked | None:
        answer = self.clients("s3").get_object(Bucket=self.bucket, Key=key)
        with answer["Body"] as body:
            report: Mapping[str, Any] = json.load(body)
        if report.get("alarm") is None:
            return None
        end = (report.get("span") or {}).get("to")
        at = datetime.fromisoformat(end) if end else answer["LastModified"]
        return Checked(
            id=key,
            at=at.timestamp(),
            alarm=bool(report["alarm"]),
            signals=tuple(report["alarms"]),
        )
