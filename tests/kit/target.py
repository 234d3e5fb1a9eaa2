"""The record of `acme`: a provider that does nearly everything. Not a test; imports no SDK."""

from mlops_iac.provider import Capability, Level, Provider, Support, total_table
from mlops_iac.specs import KINDS

REFUSED = {
    Capability.ENDPOINT_LINEAR: Support(Level.NOT_IMPLEMENTED, "leave `rollout` out"),
    Capability.ENDPOINT_ASYNC: Support(Level.NEVER, "use replicas"),
    Capability.PLATFORM_ACCOUNT: Support(Level.NEVER, "leave `account` out"),
}
TABLE = total_table("acme", {each: REFUSED.get(each, Support(Level.NATIVE)) for each in Capability})
PROVIDER = Provider(
    name="acme",
    title="Acme",
    extra="testing",
    requires=("pulumi",),
    capabilities=TABLE,
    adapters=dict.fromkeys(KINDS, "tests.kit.acme:AcmeAdapter"),
)
