"""Which resource of the official plugin a killed `up` has made: its id, told from its inputs.

The plugin adopts nothing: what was made and not recorded would be refused as existing, or made
twice. Nearly all names are ours and stable; where Google numbers things, the number is looked up.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from mlops_iac_gcp import rest
from mlops_iac_gcp.foundation import ENDPOINT_ARGUMENTS
from mlops_iac_gcp.session import Place

Inputs = Mapping[str, Any]
Found = Mapping[str, Any]

_PROJECT = "projects/{project}"
_REGION = f"{_PROJECT}/regions/{{region}}"
_GLOBAL = f"{_PROJECT}/global"
_LOCATION = f"{_PROJECT}/locations/{{location}}"
# Vertex AI's resources in `pulumi-gcp` call their location a region.
_VERTEX = f"{_PROJECT}/locations/{{region}}"

IDS: Mapping[str, str] = {
    "gcp:artifactregistry/repository:Repository": f"{_LOCATION}/repositories/{{repositoryId}}",
    "gcp:bigquery/dataset:Dataset": f"{_PROJECT}/datasets/{{datasetId}}",
    "gcp:bigquery/table:Table": f"{_PROJECT}/datasets/{{datasetId}}/tables/{{tableId}}",
    "gcp:cloudrunv2/service:Service": f"{_LOCATION}/services/{{name}}",
    "gcp:compute/address:Address": f"{_REGION}/addresses/{{name}}",
    "gcp:compute/firewall:Firewall": f"{_GLOBAL}/firewalls/{{name}}",
    "gcp:compute/forwardingRule:ForwardingRule": f"{_REGION}/forwardingRules/{{name}}",
    "gcp:compute/globalAddress:GlobalAddress": f"{_GLOBAL}/addresses/{{name}}",
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": f"{_GLOBAL}/forwardingRules/{{name}}",
    "gcp:compute/network:Network": f"{_GLOBAL}/networks/{{name}}",
    "gcp:compute/networkAttachment:NetworkAttachment": f"{_REGION}/networkAttachments/{{name}}",
    "gcp:compute/subnetwork:Subnetwork": f"{_REGION}/subnetworks/{{name}}",
    "gcp:dns/managedZone:ManagedZone": f"{_PROJECT}/managedZones/{{name}}",
    "gcp:dns/recordSet:RecordSet": (
        f"{_PROJECT}/managedZones/{{managedZone}}/rrsets/{{name}}/{{type}}"
    ),
    "gcp:eventarc/trigger:Trigger": f"{_LOCATION}/triggers/{{name}}",
    "gcp:kms/cryptoKey:CryptoKey": "{keyRing}/cryptoKeys/{name}",
    "gcp:kms/keyRing:KeyRing": f"{_LOCATION}/keyRings/{{name}}",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": f"{_LOCATION}/buckets/{{bucketId}}",
    "gcp:logging/projectSink:ProjectSink": f"{_PROJECT}/sinks/{{name}}",
    "gcp:monitoring/metricDescriptor:MetricDescriptor": f"{_PROJECT}/metricDescriptors/{{type}}",
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": (
        f"{_LOCATION}/serviceConnectionPolicies/{{name}}"
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": f"{_PROJECT}/roles/{{roleId}}",
    "gcp:pubsub/topic:Topic": f"{_PROJECT}/topics/{{name}}",
    "gcp:secretmanager/secret:Secret": f"{_PROJECT}/secrets/{{secretId}}",
    "gcp:serviceaccount/account:Account": (
        f"{_PROJECT}/serviceAccounts/{{accountId}}@{{project}}.iam.gserviceaccount.com"
    ),
    "gcp:sql/database:Database": f"{_PROJECT}/instances/{{instance}}/databases/{{name}}",
    "gcp:sql/databaseInstance:DatabaseInstance": "{name}",
    # The plugin itself calls it otherwise once it has read it.
    "gcp:sql/user:User": "{project}/{instance}/{name}",
    "gcp:storage/bucket:Bucket": "{name}",
    "gcp:vertex/aiEndpoint:AiEndpoint": f"{_LOCATION}/endpoints/{{name}}",
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": f"{_VERTEX}/featureGroups/{{name}}",
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": (
        f"{_VERTEX}/featureGroups/{{featureGroup}}/features/{{name}}"
    ),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": (
        f"{_VERTEX}/featureOnlineStores/{{name}}"
    ),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": (
        f"{_VERTEX}/featureOnlineStores/{{featureOnlineStore}}/featureViews/{{name}}"
    ),
    "gcp:workflows/workflow:Workflow": f"{_PROJECT}/locations/{{region}}/workflows/{{name}}",
}
"""Ids by type, as a format of the inputs and of the provider's project and region.

Source: section "Import" of each resource of terraform-provider-google.
"""


def made_id(token: str, inputs: Inputs, provider: Inputs) -> str | None:
    """Return the id of the resource that these inputs made; `None` when that cannot be told.

    It may never have been made: whoever reads it by the id sees.

    Args:
        token: type of the resource.
        inputs: its inputs.
        provider: inputs of its Pulumi provider, as they stand in the state.
    """
    look = LOOKS.get(token)
    if look is not None:
        return look(_place(provider), inputs)
    form = IDS.get(token)
    return form and form.format_map({**_here(provider), **inputs})


def _here(provider: Inputs) -> Inputs:
    named = {name: provider[name] for name in ("project", "region") if name in provider}
    return {**named, "location": provider.get("region")}


def _place(provider: Inputs) -> Place:
    endpoints = {
        service: provider[_camel(argument)]
        for service, argument in ENDPOINT_ARGUMENTS.items()
        if provider.get(_camel(argument))
    }
    return Place(
        project=provider["project"],
        region=provider["region"],
        role=provider.get("impersonateServiceAccount"),
        endpoints=tuple(sorted(endpoints.items())),
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _of_vertex(collection: str, place: Place, inputs: Inputs) -> str | None:
    """Return the id of what Vertex AI numbers, by its display name, which is ours."""
    wanted = {"parent": place.parent, "filter": f'display_name="{inputs["displayName"]}"'}
    method = f"projects.locations.{collection}.list"
    listed = rest.listed(place, "aiplatform.v1", method, wanted, collection)
    # The service writes the project's number into names; the plugin knows the project by its id.
    numbers = (item["name"].rpartition("/")[2] for item in _alike(listed, inputs))
    return _only(f"{place.parent}/{collection}/{number}" for number in numbers)


def _of_monitoring(collection: str, place: Place, inputs: Inputs) -> str | None:
    method = f"projects.{collection}.list"
    wanted = {"name": f"projects/{place.project}"}
    listed = rest.listed(place, "monitoring.v3", method, wanted, collection)
    return _only(item["name"] for item in _alike(listed, inputs))


def _alike(listed: Iterable[Found], inputs: Inputs) -> list[Found]:
    """Return what bears the display name and all labels of these inputs."""
    labels = (inputs.get("userLabels") or {}).items()
    return [
        item
        for item in listed
        if item.get("displayName") == inputs["displayName"]
        and labels <= (item.get("userLabels") or {}).items()
    ]


def _only(ids: Iterable[str]) -> str | None:
    """Return the one id there is; of several nobody knows which is meant."""
    first, *others = [*ids, None]
    return first if len(others) <= 1 else None


LOOKS: Mapping[str, Callable[[Place, Inputs], str | None]] = MappingProxyType(
    {
        "gcp:colab/schedule:Schedule": partial(_of_vertex, "schedules"),
        "gcp:monitoring/alertPolicy:AlertPolicy": partial(_of_monitoring, "alertPolicies"),
        "gcp:monitoring/notificationChannel:NotificationChannel": partial(
            _of_monitoring, "notificationChannels"
        ),
        "gcp:vertex/aiTensorboard:AiTensorboard": partial(_of_vertex, "tensorboards"),
    }
)
"""How what Google numbers itself is found."""
KNOWN = frozenset({*IDS, *LOOKS})
"""Types whose id can be told; what stands nowhere here is put, not created."""
