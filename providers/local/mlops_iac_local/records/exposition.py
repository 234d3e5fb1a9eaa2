"""What a model server counts, from Prometheus' text form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops_iac.records import Bucket, Latency

_SECONDS = "mlops_request_seconds"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One number."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, kw_only=True)
class Exposition:
    """All numbers of a server."""

    samples: tuple[Sample, ...]

    def answers(self) -> dict[str, int]:
        """Return how many answers there were, by HTTP status."""
        return {
            item.labels["code"]: int(item.value) for item in self._named("mlops_requests_total")
        }

    def lost_rows(self) -> int:
        """Return how many captured rows could not be written."""
        return int(sum(item.value for item in self._named("mlops_capture_lost_rows_total")))

    def latency(self) -> Iterator[Latency]:
        """Yield the times of each version that has answered."""
        for total in self._named(f"{_SECONDS}_sum"):
            version = total.labels.get("version", "")
            buckets = tuple(self._buckets(version))
            if any(bucket.answers for bucket in buckets):
                yield Latency(version=version, buckets=buckets, seconds=total.value)

    def _buckets(self, version: str) -> Iterator[Bucket]:
        """Yield buckets in rising order; the text's counts include those below."""
        bounds = {
            float(item.labels["le"]): int(item.value)
            for item in self._named(f"{_SECONDS}_bucket")
            if item.labels.get("version", "") == version
        }
        below = 0
        for bound, count in sorted(bounds.items()):
            seconds = None if bound == float("inf") else bound
            yield Bucket(seconds=seconds, answers=count - below)
            below = count

    def _named(self, name: str) -> Iterator[Sample]:
        return (item for item in self.samples if item.name == name)


def read_exposition(text: str) -> Exposition:
    """Return the numbers in Prometheus' text form."""
    from prometheus_client.parser import text_string_to_metric_families

    return Exposition(
        samples=tuple(
            Sample(name=found.name, labels=found.labels, value=found.value)
            for family in text_string_to_metric_families(text)
            for found in family.samples
        )
    )
