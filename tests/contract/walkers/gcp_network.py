"""Networks and names: how `pulumi-gcp` inputs become requests. Sources: see `gcp_rows`."""

from collections.abc import Mapping

from tests.contract.walkers.gcp_rows import RFC1035, row
from tests.contract.walkers.rules import pattern
from tests.contract.walkers.translate import Translation

# A region stands in the path; in the body it would be the region's address.
NETWORK_ROWS: Mapping[str, Translation] = {
    "gcp:compute/network:Network": row(
        "compute.v1",
        "Network",
        {
            "routingMode": "routingConfig.routingMode",
            "bgpBestPathSelectionMode": "routingConfig.bgpBestPathSelectionMode",
            "bgpAlwaysCompareMed": "routingConfig.bgpAlwaysCompareMed",
            "bgpInterRegionCost": "routingConfig.bgpInterRegionCost",
        },
        local="deleteDefaultRoutesOnCreate deleteBgpAlwaysCompareMed",
        checks={"name": RFC1035},
    ),
    "gcp:compute/subnetwork:Subnetwork": row(
        "compute.v1",
        "Subnetwork",
        local="region sendSecondaryIpRangeIfEmpty",
        checks={"name": RFC1035},
    ),
    "gcp:compute/globalAddress:GlobalAddress": row(
        "compute.v1", "Address", checks={"name": RFC1035}
    ),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": row(
        "compute.v1",
        "ForwardingRule",
        # Private Service Connect: a rule that balances nothing leaves the scheme out.
        local="loadBalancingScheme",
        checks={"name": pattern(r"[a-z][a-z0-9]{0,19}", "of Google's APIs: twenty, no dash")},
    ),
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": row(
        "networkconnectivity.v1",
        "ServiceConnectionPolicy",
        local="location name",
        checks={"name": RFC1035},
    ),
    "gcp:compute/networkAttachment:NetworkAttachment": row(
        "compute.v1", "NetworkAttachment", local="region", checks={"name": RFC1035}
    ),
    "gcp:compute/forwardingRule:ForwardingRule": row(
        "compute.v1",
        "ForwardingRule",
        # Private Service Connect: a rule that balances nothing leaves the scheme out.
        local="loadBalancingScheme recreateClosedPsc region",
        checks={"name": RFC1035},
    ),
    "gcp:compute/address:Address": row(
        "compute.v1", "Address", local="region", checks={"name": RFC1035}
    ),
    "gcp:compute/router:Router": row(
        "compute.v1", "Router", local="region", checks={"name": RFC1035}
    ),
    # compute/RouterNat.yaml: an entry of `Router.nats`.
    "gcp:compute/routerNat:RouterNat": row(
        "compute.v1",
        "RouterNat",
        local="router region initialNatIps",
        checks={"name": RFC1035},
    ),
    "gcp:compute/firewall:Firewall": row(
        "compute.v1",
        "Firewall",
        {
            "allows": "allowed",
            "allows[].protocol": "IPProtocol",
            "denies": "denied",
            "denies[].protocol": "IPProtocol",
        },
        local="enableLogging",
        checks={"name": RFC1035},
    ),
    "gcp:dns/managedZone:ManagedZone": row(
        "dns.v1",
        "ManagedZone",
        local="forceDestroy reverseLookup",
        checks={
            # dns/ManagedZone.yaml.
            "name": pattern(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "ManagedZone.name"),
            "dnsName": pattern(r"\S+\.", "ManagedZone.dnsName ends with a dot"),
        },
    ),
    "gcp:dns/recordSet:RecordSet": row(
        "dns.v1",
        "ResourceRecordSet",
        # The provider spells a routing policy in a shape of its own.
        local="managedZone routingPolicy",
        checks={"name": pattern(r"\S+\.", "ResourceRecordSet.name ends with a dot")},
    ),
}
