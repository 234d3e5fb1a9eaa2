"""Networks, private endpoints, private names.

Sub-resources of Microsoft.Network keep their members in a `properties` of their own.
"""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import PROVIDERS, Row

_NETWORK = f"{PROVIDERS}/Microsoft.Network"
_OWN = "id name type etag"
_SUBNET = {
    "delegations[]": _OWN,
    "serviceEndpointPolicies[]": "id location tags",
}

NETWORK: Mapping[str, Row] = {
    "azure-native:network:VirtualNetwork": Row(
        path=f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}",
        immutable="location",
        wrapped={
            "subnets[]": _OWN,
            **{f"subnets[].{place}": outside for place, outside in _SUBNET.items()},
            "virtualNetworkPeerings[]": _OWN,
        },
        kept={"subnets": "subnets", "virtualNetworkPeerings": "virtualNetworkPeerings"},
    ),
    "azure-native:network:Subnet": Row(
        path=f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}/subnets/{{subnetName}}",
        wrapped=_SUBNET,
    ),
    "azure-native:network:NetworkSecurityGroup": Row(
        path=f"{_NETWORK}/networkSecurityGroups/{{networkSecurityGroupName}}",
        immutable="location",
        wrapped={"securityRules[]": _OWN, "defaultSecurityRules[]": _OWN},
        kept={"securityRules": "securityRules"},
    ),
    "azure-native:network:SecurityRule": Row(
        path=(
            f"{_NETWORK}/networkSecurityGroups/{{networkSecurityGroupName}}"
            "/securityRules/{securityRuleName}"
        )
    ),
    "azure-native:network:PublicIPAddress": Row(
        path=f"{_NETWORK}/publicIPAddresses/{{publicIpAddressName}}", immutable="location sku"
    ),
    "azure-native:network:NatGateway": Row(
        path=f"{_NETWORK}/natGateways/{{natGatewayName}}", immutable="location"
    ),
    "azure-native:network:PrivateEndpoint": Row(
        path=f"{_NETWORK}/privateEndpoints/{{privateEndpointName}}",
        immutable="location subnet",
        wrapped={
            "privateLinkServiceConnections[]": _OWN,
            "manualPrivateLinkServiceConnections[]": _OWN,
            "ipConfigurations[]": _OWN,
        },
    ),
    "azure-native:network:PrivateDnsZoneGroup": Row(
        path=(
            f"{_NETWORK}/privateEndpoints/{{privateEndpointName}}"
            "/privateDnsZoneGroups/{privateDnsZoneGroupName}"
        ),
        wrapped={"privateDnsZoneConfigs[]": "name"},
    ),
    "azure-native:privatedns:PrivateZone": Row(
        path=f"{_NETWORK}/privateDnsZones/{{privateZoneName}}"
    ),
    "azure-native:privatedns:VirtualNetworkLink": Row(
        path=(
            f"{_NETWORK}/privateDnsZones/{{privateZoneName}}"
            "/virtualNetworkLinks/{virtualNetworkLinkName}"
        )
    ),
    "azure-native:privatedns:PrivateRecordSet": Row(
        path=(
            f"{_NETWORK}/privateDnsZones/{{privateZoneName}}/{{recordType}}/{{relativeRecordSetName}}"
        )
    ),
}
