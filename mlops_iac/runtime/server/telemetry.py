"""The server's own numbers, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Telemetry:
    """Counts requests, times predictions and tells the model's version."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mlops_requests", "Predictions asked for", ["code"], registry=self.registry
        )
        self.latency = Histogram(
            "mlops_request_seconds", "Time from body to answer", registry=self.registry
        )
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
