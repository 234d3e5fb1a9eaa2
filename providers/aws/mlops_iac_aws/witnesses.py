"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Witness

EXAMPLES: Mapping[str, Any] = {
    "region": "us-east-1",
    "other_region": "eu-west-1",
    "account": "123456789012",
    "other_account": "210987654321",
    "role": "arn:aws:iam::123456789012:role/deployer",
    "other_role": "arn:aws:iam::123456789012:role/other-deployer",
    "network": "vpc-0a1b2c3d4e5f60718",
    "other_network": "vpc-0a1b2c3d4e5f60719",
    "subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
    "other_subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60710"],
    "security_groups": ["sg-0a1b2c3d4e5f60718"],
    "key": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "other_key": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ac",
    "image": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/runtime@sha256:{'0' * 64}",
    "other_image": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/runtime@sha256:{'1' * 64}",
    "uri": "s3://kit-data/flights/",
}
"""Legal values of this target; nobody's real ones."""

WITNESSES: Mapping[Capability, Witness | Differs] = {}

STATEFUL: frozenset[str] = frozenset()
