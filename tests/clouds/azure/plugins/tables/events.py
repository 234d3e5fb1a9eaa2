"""Events, workflows, container apps.

A destination of events keeps its members in a `properties` of its own, beside `endpointType`.
"""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import PROVIDERS, Row

_EVENTS = f"{PROVIDERS}/Microsoft.EventGrid"
_TOPIC = f"{_EVENTS}/systemTopics/{{systemTopicName}}"
_DESTINATIONS = {
    "destination": "endpointType",
    "deadLetterDestination": "endpointType",
    "deliveryWithResourceIdentity.destination": "endpointType",
    "deadLetterWithResourceIdentity.deadLetterDestination": "endpointType",
    "destination.deliveryAttributeMappings[]": "name type",
}
_APPS = f"{PROVIDERS}/Microsoft.App"

EVENTS: Mapping[str, Row] = {
    "azure-native:eventgrid:SystemTopic": Row(path=_TOPIC, immutable="location source topicType"),
    "azure-native:eventgrid:SystemTopicEventSubscription": Row(
        path=f"{_TOPIC}/eventSubscriptions/{{eventSubscriptionName}}", wrapped=_DESTINATIONS
    ),
    "azure-native:eventgrid:EventSubscription": Row(
        path="/{scope}/providers/Microsoft.EventGrid/eventSubscriptions/{eventSubscriptionName}",
        wrapped=_DESTINATIONS,
    ),
    "azure-native:logic:Workflow": Row(
        path=f"{PROVIDERS}/Microsoft.Logic/workflows/{{workflowName}}", immutable="location"
    ),
    "azure-native:app:ManagedEnvironment": Row(
        path=f"{_APPS}/managedEnvironments/{{environmentName}}",
        immutable="location infrastructureResourceGroup",
    ),
    "azure-native:app:ContainerApp": Row(
        path=f"{_APPS}/containerApps/{{containerAppName}}", immutable="location"
    ),
    "azure-native:app:Job": Row(path=f"{_APPS}/jobs/{{jobName}}", immutable="location"),
}
