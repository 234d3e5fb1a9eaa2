"""Event Grid's system topics."""

from tests.clouds.azure import marks, standard
from tests.clouds.azure.calls import Answer, Call, CloudError, conflict
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

TOPICS = "Microsoft.EventGrid/systemTopics"
_SOURCES = {
    "microsoft.machinelearningservices.workspaces": "Microsoft.MachineLearningServices/workspaces",
    "microsoft.storage.storageaccounts": "Microsoft.Storage/storageAccounts",
    "microsoft.keyvault.vaults": "Microsoft.KeyVault/vaults",
}
"""What may be the source of a topic, by the topic's type in lower case."""


def _put(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    source, kind = str(asked.get("source", "")), str(asked.get("topicType", ""))
    found = world.store.get(source)
    if found is None or _SOURCES.get(kind.lower()) != found.type:
        text = f"The source '{source}' of the topic is no `{kind}` that is there."
        raise CloudError(400, "InvalidRequest", text)
    for other in world.store.of_type(TOPICS):
        if other.properties["source"].lower() == source.lower() and other.key != call.at.key:
            text = f"Only one system topic is allowed per source; there is '{other.name}'."
            raise conflict(text, "SystemTopicAlreadyExists")

    def made(record: Record) -> None:
        marks.keep_first(world, record, metricResourceId=str(world.store.number()))

    return standard.put(world, call, made=made)


PARTS = (Part("system topics", {f"{TOPICS}.put": _put}, "a source has one, and is there"),)
