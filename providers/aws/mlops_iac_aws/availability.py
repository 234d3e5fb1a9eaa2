"""What each region offers. Generated; do not edit.

Source: CloudFormation registry schemas and SageMaker hosting types by region in cfn-lint 1.58.0
(`cfnlint/data/schemas`), 2026-10-20. `tests/providers/aws/test_availability.py` compares.
The regions of the partitions `aws-cn`, `aws-us-gov`, `aws-eusc` and `aws-iso*` are left out:
they lack the model registry or MLflow, or are not open to everybody.
"""

from collections.abc import Mapping

REGIONS: tuple[str, ...] = (
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""Regions with everything this provider registers."""

WITHOUT_MLFLOW_APP: frozenset[str] = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-northeast-3",
        "ap-southeast-3",
        "ap-southeast-5",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "mx-central-1",
    }
)
"""Regions where tracking runs on a tracking server, billed by the hour."""

WITHOUT_ARTIFACT: frozenset[str] = frozenset(
    {
        "ap-southeast-5",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "mx-central-1",
    }
)
"""Regions without SageMaker lineage artifacts in CloudFormation."""

FAMILIES_MISSING: Mapping[str, frozenset[str]] = {
    "af-south-1": frozenset(
        {"m6i", "m7i", "r7i", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "ap-east-1": frozenset(
        {"m6i", "m7i", "r7i", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "ap-northeast-1": frozenset({"m6i", "p6-b200"}),
    "ap-northeast-2": frozenset({"m6i", "m7i", "r7i", "p4de", "p5", "p5en", "p6-b200"}),
    "ap-northeast-3": frozenset(
        {"m6i", "m7i", "r7i", "g5", "g6", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "ap-south-1": frozenset({"m6i", "m7i", "r7i", "p4de"}),
    "ap-southeast-1": frozenset(
        {"m6i", "m7i", "r7i", "g6", "g6e", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "ap-southeast-2": frozenset({"m6i", "m7i", "r7i", "g6e", "p4de", "p5en", "p6-b200"}),
    "ap-southeast-3": frozenset(
        {"m6i", "m7i", "r7i", "g4dn", "g6", "g6e", "p4d", "p4de", "p5", "p6-b200"}
    ),
    "ap-southeast-5": frozenset(
        {
            "m5",
            "c5",
            "r5",
            "m7i",
            "r7i",
            "g4dn",
            "g5",
            "g6e",
            "p4d",
            "p4de",
            "p5",
            "p5en",
            "p6-b200",
        }
    ),
    "ap-southeast-7": frozenset(
        {"m5", "c5", "r5", "g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "ca-central-1": frozenset({"m6i", "m7i", "r7i", "g6e", "p4de", "p5en", "p6-b200"}),
    "ca-west-1": frozenset(
        {"m6i", "m7i", "r7i", "g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "eu-central-1": frozenset({"m6i", "m7i", "r7i", "p5", "p5en", "p6-b200"}),
    "eu-central-2": frozenset(
        {"m6i", "m7i", "r7i", "g4dn", "g5", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "eu-north-1": frozenset({"m6i", "g6e", "p4d", "p4de", "p5", "p6-b200"}),
    "eu-south-1": frozenset(
        {"m6i", "m7i", "r7i", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "eu-south-2": frozenset({"m6i", "g4dn", "g5", "p4d", "p4de", "p5", "p6-b200"}),
    "eu-west-1": frozenset({"m6i", "g6e", "p4de", "p5", "p5en", "p6-b200"}),
    "eu-west-2": frozenset({"m6i", "m7i", "r7i", "g6e", "p4de", "p5en", "p6-b200"}),
    "eu-west-3": frozenset(
        {"m6i", "m7i", "r7i", "g5", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "il-central-1": frozenset(
        {"m6i", "m7i", "r7i", "g4dn", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "mx-central-1": frozenset(
        {"m5", "c5", "r5", "g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5en", "p6-b200"}
    ),
    "sa-east-1": frozenset({"m6i", "m7i", "r7i", "g6e", "p4de", "p5en", "p6-b200"}),
    "us-east-1": frozenset({"m6i"}),
    "us-east-2": frozenset({"m6i", "p4de", "p6-b200"}),
    "us-west-1": frozenset(
        {"m6i", "m7i", "r7i", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p6-b200"}
    ),
    "us-west-2": frozenset({"m6i", "p6-b200"}),
}
"""Machine families that a region does not offer for hosting; training is taken to be alike."""
