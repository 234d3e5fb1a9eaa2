"""Vertex AI and data scans. Ids: magic-modules vertexai, dataplex."""

import json
from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp.plugins.rows import Row

_REGION = "projects/{project}/locations/{region}"
_FORCE = {"force": "{input[forceDestroy]}"}


def _endpoint(found: dict[str, Any], _: object) -> dict[str, Any]:
    """Return an endpoint without its deployments, and with its split as text.

    The official provider's shape of deployments is another one: its single blocks are lists
    (`dedicatedResources[0].machineSpecs[0]`); nobody here reads them.
    """
    told = {key: value for key, value in found.items() if key != "deployedModels"}
    if "trafficSplit" in told:
        told["trafficSplit"] = json.dumps(told["trafficSplit"], sort_keys=True)
    return told


VERTEX: Mapping[str, Row] = {
    "gcp:vertex/aiEndpoint:AiEndpoint": Row(
        api="aiplatform.v1",
        methods="projects.locations.endpoints",
        id="projects/{project}/locations/{location}/endpoints/{name}",
        params={"endpointId": "{name}"},
        immutable="encryptionSpec location network region",
        outputs={"name": "{name}"},
        pick=_endpoint,
    ),
    "gcp:vertex/aiTensorboard:AiTensorboard": Row(
        api="aiplatform.v1",
        methods="projects.locations.tensorboards",
        id=f"{_REGION}/tensorboards/{{made}}",
        immutable="encryptionSpec region",
    ),
    "gcp:vertex/aiDataset:AiDataset": Row(
        api="aiplatform.v1",
        methods="projects.locations.datasets",
        id=f"{_REGION}/datasets/{{made}}",
        immutable="encryptionSpec metadataSchemaUri region",
    ),
    "gcp:vertex/aiMetadataStore:AiMetadataStore": Row(
        api="aiplatform.v1",
        methods="projects.locations.metadataStores",
        id=f"{_REGION}/metadataStores/{{name}}",
        params={"metadataStoreId": "{name}"},
        update="",
    ),
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": Row(
        api="aiplatform.v1",
        methods="projects.locations.featureGroups",
        id=f"{_REGION}/featureGroups/{{name}}",
        params={"featureGroupId": "{name}"},
        outputs={"name": "{name}"},
    ),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": Row(
        api="aiplatform.v1",
        methods="projects.locations.featureGroups.features",
        id=f"{_REGION}/featureGroups/{{featureGroup}}/features/{{name}}",
        params={"featureId": "{name}"},
        outputs={"name": "{name}"},
    ),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": Row(
        api="aiplatform.v1",
        methods="projects.locations.featureOnlineStores",
        id=f"{_REGION}/featureOnlineStores/{{name}}",
        params={"featureOnlineStoreId": "{name}", **_FORCE},
        immutable="encryptionSpec",
        outputs={"name": "{name}"},
    ),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": Row(
        api="aiplatform.v1",
        methods="projects.locations.featureOnlineStores.featureViews",
        id=f"{_REGION}/featureOnlineStores/{{featureOnlineStore}}/featureViews/{{name}}",
        params={"featureViewId": "{name}"},
        immutable="vectorSearchConfig",
        outputs={"name": "{name}"},
    ),
    "gcp:dataplex/datascan:Datascan": Row(
        api="dataplex.v1",
        methods="projects.locations.dataScans",
        id="projects/{project}/locations/{location}/dataScans/{dataScanId}",
        params={"dataScanId": "{dataScanId}"},
        immutable="data",
        outputs={"name": "{id}"},
    ),
}
