"""Scenarios of `ModelEndpoint`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import ACCELERATED, SECRET

MODEL_ENDPOINT = Table(
    kind="ModelEndpoint",
    fields={"model": "late"},
    scenarios=(
        Scenario(
            "EP-01",
            "whatever version an alias names",
            {},
            Capability.ENDPOINT_ALIAS,
            {"model": "late/3"},
        ),
        Scenario("EP-02", "a pinned version", {"model": "late/3"}, Capability.ENDPOINT_PINNED),
        Scenario(
            "EP-03", "several replicas", {"scaling": {"replicas": 3}}, Capability.ENDPOINT_REPLICAS
        ),
        Scenario(
            "EP-04",
            "replicas by the number of requests",
            {"scaling": {"min": 1, "max": 3}},
            Capability.ENDPOINT_AUTOSCALING,
        ),
        Scenario(
            "EP-05",
            "no replica while idle",
            {"scaling": {"min": 0, "max": 3}},
            Capability.ENDPOINT_SCALE_TO_ZERO,
            {"scaling": {"min": 1, "max": 3}},
        ),
        Scenario(
            "EP-06",
            "no machine of its own",
            {"scaling": {"memory_gb": 2}},
            Capability.ENDPOINT_SERVERLESS,
        ),
        Scenario(
            "EP-07",
            "answers that come later",
            {"scaling": {"mode": "async"}},
            Capability.ENDPOINT_ASYNC,
        ),
        Scenario("EP-08", "an accelerator", ACCELERATED, Capability.ENDPOINT_ACCELERATOR),
        Scenario(
            "EP-09",
            "a part of the traffic first",
            {"scaling": {"replicas": 2}, "rollout": {"percent": 10}},
            Capability.ENDPOINT_CANARY,
            {"scaling": {"replicas": 2}},
        ),
        Scenario(
            "EP-10",
            "traffic in equal steps",
            {"scaling": {"replicas": 2}, "rollout": {"step_percent": 25}},
            Capability.ENDPOINT_LINEAR,
            {"scaling": {"replicas": 2}},
        ),
        Scenario(
            "EP-11",
            "traffic that is kept",
            {"capture": {"percent": 50}},
            Capability.ENDPOINT_CAPTURE,
        ),
        Scenario(
            "EP-12",
            "callers with an identity of the target",
            {},
            Capability.ENDPOINT_IDENTITY_AUTH,
            {"authentication": "key"},
        ),
        Scenario(
            "EP-13",
            "callers with a key",
            {"authentication": "key"},
            Capability.ENDPOINT_KEY_AUTH,
        ),
        Scenario("EP-14", "a secret by name", SECRET, Capability.ENDPOINT_SECRETS),
        Scenario(
            "EP-15", "a limit for one prediction", {"timeout": "30s"}, Capability.ENDPOINT_TIMEOUT
        ),
        Scenario(
            "EP-16",
            "a second version for a share of the requests",
            {"challenger": {"model": "late@challenger", "percent": 10}},
            Capability.ENDPOINT_SPLIT,
        ),
        Scenario(
            "EP-17",
            "a second version that gets copies",
            {"challenger": {"model": "late/4", "percent": 50, "shadow": True}},
            Capability.ENDPOINT_SHADOW,
            {"challenger": {"model": "late/4", "percent": 50}},
        ),
    ),
)
