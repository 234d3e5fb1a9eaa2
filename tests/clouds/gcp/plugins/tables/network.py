"""Networks and names. Ids: magic-modules compute, dns."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp.plugins.client import Body
from tests.clouds.gcp.plugins.rows import Row, View


def _compute(what: str, *, where: str = "region", **more: Any) -> Row:
    """Return the row of a collection of Compute Engine; `what` as `networkAttachments`."""
    place = "regions/{region}" if where == "region" else "global"
    singular = what.removesuffix("es") if what.endswith("sses") else what.removesuffix("s")
    return Row(
        api="compute.v1",
        methods=what,
        id=f"projects/{{project}}/{place}/{what.removeprefix('global')[:1].lower()}"
        f"{what.removeprefix('global')[1:]}/{{name}}",
        create="insert",
        params={singular: "{name}", **more.pop("params", {})},
        **more,
    )


def _nat(found: Body, view: View) -> Body | None:
    return next((each for each in found.get("nats", []) if each["name"] == view["name"]), None)


def _nats(found: Body, view: View, part: Body | None) -> Body:
    others = [each for each in found.get("nats", []) if each["name"] != view["name"]]
    return {"nats": [*others, *([part] if part else [])]}


def _logged(view: View) -> Body:
    asked = view["input"].get("enableLogging")
    return (
        {}
        if asked is None
        else {"logConfig": {"enable": asked, **view["body"].get("logConfig", {})}}
    )


NETWORK: Mapping[str, Row] = {
    "gcp:compute/network:Network": _compute(
        "networks",
        where="global",
        immutable="autoCreateSubnetworks description enableUlaInternalIpv6 internalIpv6Range name "
        "networkProfile",
        outputs={"networkId": "{found[id]}", "numericId": "{found[id]}"},
    ),
    "gcp:compute/subnetwork:Subnetwork": _compute(
        "subnetworks",
        params={"subnetwork": "{name}"},
        immutable="description ipCidrRange name network region purpose",
    ),
    "gcp:compute/address:Address": _compute("addresses", update="", params={"address": "{name}"}),
    "gcp:compute/globalAddress:GlobalAddress": _compute(
        "globalAddresses", where="global", update="", params={"address": "{name}"}
    ),
    "gcp:compute/networkAttachment:NetworkAttachment": _compute(
        "networkAttachments", immutable="name region"
    ),
    "gcp:compute/forwardingRule:ForwardingRule": _compute(
        "forwardingRules",
        immutable="backendService ipAddress ipProtocol loadBalancingScheme name network ports "
        "region subnetwork",
    ),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _compute(
        "globalForwardingRules",
        where="global",
        immutable="ipAddress ipProtocol loadBalancingScheme name network",
        params={"forwardingRule": "{name}"},
    ),
    "gcp:compute/firewall:Firewall": _compute(
        "firewalls", where="global", immutable="direction name network", prepare=_logged
    ),
    "gcp:compute/router:Router": _compute("routers", immutable="name network region"),
    "gcp:compute/routerNat:RouterNat": Row(
        api="compute.v1",
        methods="routers",
        id="{project}/{region}/{router}/{name}",
        immutable="name region router",
        pick=_nat,
        put=_nats,
    ),
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": Row(
        api="networkconnectivity.v1",
        methods="projects.locations.serviceConnectionPolicies",
        id="projects/{project}/locations/{location}/serviceConnectionPolicies/{name}",
        params={"serviceConnectionPolicyId": "{name}"},
        immutable="serviceClass",
    ),
    "gcp:dns/managedZone:ManagedZone": Row(
        api="dns.v1",
        methods="managedZones",
        id="projects/{project}/managedZones/{name}",
        params={"managedZone": "{name}"},
        immutable="dnsName name visibility",
    ),
    "gcp:dns/recordSet:RecordSet": Row(
        api="dns.v1",
        methods="resourceRecordSets",
        id="projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}",
        params={"name": "{name}"},
        immutable="managedZone name type",
    ),
}
