"""The server's own numbers, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
          2.5, 5.0, 10.0)  # fmt: skip
"""Seconds: the library's own begin at 5 ms, and a tabular model answers in a tenth of that."""


class Telemetry:
    """Counts requests, times predictions and tells the model's version."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mlops_requests", "Predictions asked for", ["code"], registry=self.registry
        )
        self._latencies = Histogram(
            "mlops_request_seconds", "Time from body to answer, by the version in service",
            ["version"], buckets=BOUNDS, registry=self.registry,
        )  # fmt: skip
        self.latency = self._latencies.labels("")
        """Of the version in service; before the first one, of none."""
        self.model = Gauge(
            "mlops_model_info", "The model in service", ["name", "version", "digest"],
            registry=self.registry,
        )  # fmt: skip
        self.lost = Counter(
            "mlops_capture_lost_rows", "Captured rows that could not be written",
            registry=self.registry,
        )  # fmt: skip

    def exposition(self) -> bytes:
        """Return all numbers in Prometheus' text form."""
        return generate_latest(self.registry)

    def show_model(self, name: str, version: str, digest: str) -> None:
        """Tell which model is in service, and no other."""
        self.model.clear()
        self.model.labels(name, version, digest).set(1)
        self.latency = self._latencies.labels(version)
