"""Scenarios of `ModelMonitor`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import ACCELERATED, CRON, EVERY

MODEL_MONITOR = Table(
    kind="ModelMonitor",
    fields={"endpoint": "seen", "signals": ["data_drift"], "baseline": "departures"},
    scenarios=(
        Scenario(
            "MM-01",
            "the distribution of each input",
            {},
            Capability.MONITOR_DATA_DRIFT,
            {"signals": ["data_quality"]},
        ),
        Scenario(
            "MM-02",
            "missing and impossible values",
            {"signals": ["data_drift", "data_quality"]},
            Capability.MONITOR_DATA_QUALITY,
        ),
        Scenario(
            "MM-03",
            "the distribution of the predictions",
            {"signals": ["data_drift", "prediction_drift"]},
            Capability.MONITOR_PREDICTION_DRIFT,
        ),
        Scenario(
            "MM-04",
            "predictions against the truth",
            {
                "signals": ["data_drift", "model_quality"],
                "performance": {"metric": "roc_auc", "threshold": 0.7},
            },
            Capability.MONITOR_MODEL_QUALITY,
        ),
        Scenario(
            "MM-05",
            "at the times of a cron expression",
            {"schedule": CRON},
            Capability.SCHEDULE_CRON,
        ),
        Scenario(
            "MM-06",
            "again and again",
            {"schedule": EVERY},
            Capability.SCHEDULE_EVERY,
            {"schedule": CRON},
        ),
        Scenario("MM-07", "an accelerator", ACCELERATED, Capability.PROCESSING_ACCELERATOR),
    ),
)
