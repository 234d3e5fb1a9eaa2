"""Where a cloud's endpoints are told: azure-native and azure-ai-ml read them from here."""

from tests.clouds.azure.addresses import ARM, STORAGE, TENANT
from tests.clouds.azure.calls import Answer, Request, told
from tests.clouds.azure.world import World

NAME = "MlopsIacTest"


def answer(world: World, request: Request) -> Answer:
    """Answer `/metadata/endpoints`: a list until version 2019-05-01, one cloud since 2022-09-01."""
    address = world.address
    host = address.removeprefix("https://")
    cloud = {
        "name": NAME,
        "portal": f"{address}/portal",
        "resourceManager": f"{address}/{ARM}",
        "authentication": {
            "loginEndpoint": f"{address}/login",
            "audiences": ["https://management.azure.com/"],
            "tenant": TENANT,
            "identityProvider": "AAD",
        },
        "suffixes": {
            "storage": f"{STORAGE}:{host.rpartition(':')[2]}",
            "keyVaultDns": f"{host}/vault",
            "acrLoginServer": f"{host}/registry",
        },
        "logAnalyticsResourceId": "https://api.loganalytics.io",
    }
    version = dict(request.query).get("api-version", "")
    return told(cloud if version >= "2022-09-01" else [cloud])
