"""The topic of a workspace's events, which policies subscribe to."""

import pulumi
from pulumi_azure_native import eventgrid

from mlops_iac_azure import names
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.site import Site

TOPIC_TYPE = "Microsoft.MachineLearningServices.Workspaces"


def build_topic(site: Site, workspace: pulumi.Input[str]) -> pulumi.Output[str]:
    """Register the topic, which costs nothing, and return its name.

    It is the platform's: Azure takes one system topic of each workspace.
    https://learn.microsoft.com/azure/event-grid/system-topics
    """
    name = site.name(names.TOPIC)
    topic = eventgrid.SystemTopic(
        site.logical("events"),
        resource_group_name=site.group,
        system_topic_name=name,
        location=site.location,
        source=workspace,
        topic_type=TOPIC_TYPE,
        tags=site.tags,
        opts=site.opts(),
    )
    return known(name, topic)
