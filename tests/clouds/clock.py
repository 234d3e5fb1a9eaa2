"""The cloud's time: the machine's, moved on by tests."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Time that can be moved on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the cloud's time."""
        return datetime.now(UTC) + self.ahead

    def advance(self, seconds: float) -> None:
        """Move time on."""
        self.ahead += timedelta(seconds=seconds)

    def stamp(self) -> str:
        """Return the time as JSON has it."""
        return stamp(self.now())


def stamp(moment: datetime) -> str:
    """Return a time as JSON has it: RFC 3339 in UTC with a `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
