"""Scenarios of `Platform`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.examples import Own

PLATFORM = Table(
    kind="Platform",
    scenarios=(
        Scenario("PF-01", "nothing but the place", {}),
        Scenario(
            "PF-02",
            "a region",
            {"region": Own("region")},
            Capability.PLATFORM_REGION,
            {"region": Own("other_region")},
        ),
        Scenario(
            "PF-03",
            "an account",
            {"account": Own("account")},
            Capability.PLATFORM_ACCOUNT,
            {"account": Own("other_account")},
        ),
        Scenario(
            "PF-04",
            "an identity to deploy with",
            {"role": Own("role")},
            Capability.PLATFORM_ROLE,
        ),
        Scenario(
            "PF-05",
            "a network that exists",
            {
                "network": {
                    "network": Own("network", wired=True),
                    "subnets": Own("subnets", wired=True),
                }
            },
            Capability.PLATFORM_EXISTING_NETWORK,
        ),
        Scenario(
            "PF-10",
            "a network of the platform's own",
            {"network": {"mode": "own"}},
            Capability.PLATFORM_OWN_NETWORK,
        ),
        Scenario(
            "PF-06",
            "a key of the customer's that the platform makes",
            {"encryption": {"rotation_days": 90}},
            Capability.PLATFORM_CUSTOMER_KEY,
        ),
        Scenario(
            "PF-07",
            "a key that exists",
            {"encryption": {"key": Own("key", wired=True)}},
            Capability.PLATFORM_EXISTING_KEY,
        ),
        Scenario("PF-08", "tags", {"tags": {"team": "kit"}}, Capability.PLATFORM_TAGS),
        Scenario(
            "PF-09",
            "a ready runtime image",
            {"runtime_image": Own("image")},
            Capability.PLATFORM_RUNTIME_IMAGE,
            beside=("delay",),
        ),
    ),
)
