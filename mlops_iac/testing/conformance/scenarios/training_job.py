"""Scenarios of `TrainingJob`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import ACCELERATED, SECRET
from mlops_iac.testing.examples import Own

TRAINING_JOB = Table(
    kind="TrainingJob",
    fields={"script": "train.py", "data": "departures", "model": "late", "metrics": ["auc"]},
    scenarios=(
        Scenario(
            "TJ-01",
            "a script on the runtime image",
            {},
            Capability.TRAINING_SCRIPT,
            {"script": None, "image": Own("image")},
        ),
        Scenario(
            "TJ-02",
            "a container image",
            {"script": None, "image": Own("image")},
            Capability.TRAINING_IMAGE,
        ),
        Scenario("TJ-03", "an accelerator", ACCELERATED, Capability.TRAINING_ACCELERATOR),
        Scenario("TJ-04", "several machines", {"instances": 2}, Capability.TRAINING_INSTANCES),
        Scenario(
            "TJ-05",
            "interruptible machines",
            {"spot": {"max_wait": "5h"}},
            Capability.TRAINING_SPOT,
        ),
        Scenario("TJ-06", "a secret by name", SECRET, Capability.TRAINING_SECRETS),
        Scenario(
            "TJ-07",
            "features joined to the data",
            {"features": ["weather"]},
            Capability.TRAINING_FEATURES,
        ),
        Scenario(
            "TJ-08",
            "an experiment that jobs share",
            {"experiment": "trials"},
            Capability.TRAINING_EXPERIMENT,
        ),
        Scenario(
            "TJ-09",
            "a run whenever something that matters changed",
            {"run": "on_change"},
            Capability.TRAINING_ON_CHANGE,
            {"run": "manual"},
        ),
        Scenario(
            "TJ-10",
            "`up` waits for the end of the run",
            {"wait": "finished"},
            Capability.TRAINING_WAIT_FINISHED,
            {"wait": "submitted"},
        ),
        Scenario(
            "TJ-11",
            "`up` waits for the start of the run only",
            {"wait": "submitted"},
            Capability.TRAINING_WAIT_SUBMITTED,
            {"wait": "finished"},
        ),
        Scenario(
            "TJ-12",
            "data that another job makes",
            {"data": "clean/rows"},
            Capability.DATA_FROM_JOB,
        ),
        Scenario(
            "TJ-13",
            "several inputs, parameters, no model",
            {
                "data": {"train": "departures", "test": "arrivals"},
                "hyperparameters": {"depth": 3, "rate": 0.5, "name": "x", "fast": True},
                "model": None,
            },
        ),
    ),
)
