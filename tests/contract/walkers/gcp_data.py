"""Features, data scans and databases: how `pulumi-gcp` inputs become requests.

Sources: see `gcp_rows`.
"""

from collections.abc import Mapping

from tests.contract.walkers.gcp_rows import KMS_KEY, LOCATION, row
from tests.contract.walkers.rules import exclusive, pattern
from tests.contract.walkers.translate import Translation

# `CreateFeatureGroupRequest.featureGroupId` and its siblings.
_FEATURE_ID = pattern(r"[a-z_][a-z0-9_]{0,127}", "ids of feature groups and features")
_STORE_ID = pattern(r"[a-z][a-z0-9_]{0,59}", "ids of online stores and views")

DATA_ROWS: Mapping[str, Translation] = {
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": row(
        "aiplatform.v1",
        "FeatureGroup",
        local="name region",
        checks={
            "name": _FEATURE_ID,
            "bigQuery.bigQuerySource.inputUri": pattern(
                r"bq://[^.]+\.[^.]+\.[^.]+", "BigQuerySource.inputUri"
            ),
        },
    ),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": row(
        "aiplatform.v1",
        "Feature",
        local="name featureGroup region",
        checks={"name": _FEATURE_ID},
    ),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": row(
        "aiplatform.v1",
        "FeatureOnlineStore",
        # `embeddingManagement` is of v1beta1 alone.
        local="name region forceDestroy embeddingManagement",
        checks={
            "name": _STORE_ID,
            "encryptionSpec.kmsKeyName": KMS_KEY,
            "": exclusive(
                "bigtable",
                "optimized",
                needed=True,
                source="magic-modules vertexai/FeatureOnlineStore.yaml",
            ),
        },
    ),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": row(
        "aiplatform.v1",
        "FeatureView",
        # `vectorSearchConfig` is spelled as in v1beta1.
        local="name featureOnlineStore region vectorSearchConfig",
        checks={
            "name": _STORE_ID,
            "": exclusive(
                "bigQuerySource",
                "featureRegistrySource",
                needed=True,
                source="magic-modules vertexai/FeatureOnlineStoreFeatureview.yaml",
            ),
        },
    ),
    "gcp:dataplex/datascan:Datascan": row(
        "dataplex.v1",
        "GoogleCloudDataplexV1DataScan",
        local="dataScanId location",
        checks={
            "dataScanId": pattern(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "CreateDataScan.dataScanId"),
            "location": LOCATION,
        },
    ),
    "gcp:sql/databaseInstance:DatabaseInstance": row(
        "sqladmin.v1",
        "DatabaseInstance",
        {
            "encryptionKeyName": "diskEncryptionConfiguration.kmsKeyName",
            "settings.diskAutoresize": "storageAutoResize",
            "settings.diskAutoresizeLimit": "storageAutoResizeLimit",
            "settings.diskSize": "dataDiskSizeGb",
            "settings.diskType": "dataDiskType",
        },
        local="rootPasswordWo rootPasswordWoVersion settings.version",
        checks={
            "name": pattern(r"[a-z]([a-z0-9-]{0,96}[a-z0-9])?", "Cloud SQL instance ids"),
            "encryptionKeyName": KMS_KEY,
        },
    ),
    "gcp:sql/database:Database": row("sqladmin.v1", "Database"),
    "gcp:sql/user:User": row("sqladmin.v1", "User", local="passwordWo passwordWoVersion"),
}
