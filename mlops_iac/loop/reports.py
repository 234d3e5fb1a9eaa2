"""The checks of a monitor, as the reports that they leave tell them: in the order of their time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac.loop.kept import Kept
from mlops_iac.runtime.monitor.__main__ import REPORT
from mlops_iac.runtime.policy import Checked

LOOK_BACK = timedelta(days=7)
"""Older checks are not looked at: a policy that slept for so long begins anew."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Reports:
    """Where the checks of a monitor leave their reports."""

    kept: Kept
    prefix: str
    """The monitor's own folder, without a `/` at its end."""

    def folder(self, until: datetime) -> str:
        """Return the folder of the check of traffic until a moment."""
        return f"{self.prefix}/{until.astimezone(UTC):%Y/%m/%d/%H-%M-%S-%f}"

    def keys(self, now: float) -> list[str]:
        """Return the reports of the last days, oldest first."""
        until = datetime.fromtimestamp(now, UTC)
        return [*self._keys(until - LOOK_BACK, until)]

    def checks(self, keys: Sequence[str]) -> list[Checked]:
        """Return the checks of some reports that gave a verdict, oldest first."""
        found = (self._check(key) for key in keys)
        return sorted((check for check in found if check is not None), key=lambda c: c.at)

    def last_end(self, since: datetime, now: datetime) -> datetime | None:
        """Return the end of what the newest verdict since a moment was of; `None` without one."""
        for key in reversed([*self._keys(since, now)]):
            report = self.kept.read(key)
            if report is not None and report["alarm"] is not None:
                return datetime.fromisoformat(report["span"]["to"])
        return None

    def _keys(self, since: datetime, until: datetime) -> Iterator[str]:
        for number in range((until.date() - since.date()).days + 1):
            day = since + number * _DAY
            found = self.kept.paths(f"{self.prefix}/{day:%Y/%m/%d}/")
            yield from (key for key in found if key.endswith(f"/{REPORT}"))

    def _check(self, key: str) -> Checked | None:
        report: Mapping[str, Any] | None = self.kept.read(key)
        if report is None or report["alarm"] is None:
            return None
        return Checked(
            id=key,
            at=datetime.fromisoformat(report["span"]["to"]).timestamp(),
            alarm=bool(report["alarm"]),
            signals=tuple(report["alarms"]),
        )
