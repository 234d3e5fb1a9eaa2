"""What the conformance kit must know of this target: examples, witnesses, what holds data."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.capabilities import Capability
from mlops_iac.witness import Differs, Witness

EXAMPLES: Mapping[str, Any] = {
    "region": "us-central1",
    "other_region": "europe-west4",
    "account": "kit-project",
    "other_account": "other-project",
    "role": "deployer@kit-project.iam.gserviceaccount.com",
    "other_role": "other@kit-project.iam.gserviceaccount.com",
    "network": "projects/123456789/global/networks/main",
    "other_network": "projects/123456789/global/networks/other",
    "subnets": ["projects/kit-project/regions/us-central1/subnetworks/ml"],
    "other_subnets": ["projects/kit-project/regions/us-central1/subnetworks/other"],
    "security_groups": ["group"],
    "key": "projects/kit-keys/locations/us-central1/keyRings/ml/cryptoKeys/data",
    "other_key": "projects/kit-keys/locations/us-central1/keyRings/ml/cryptoKeys/other",
    "image": f"us-central1-docker.pkg.dev/kit-project/images/runtime@sha256:{'0' * 64}",
    "other_image": f"us-central1-docker.pkg.dev/kit-project/images/runtime@sha256:{'1' * 64}",
    "uri": "gs://kit-data/flights/",
}
"""Legal values of this target; nobody's real ones."""

WITNESSES: Mapping[Capability, Witness | Differs] = {}

STATEFUL: frozenset[str] = frozenset()
