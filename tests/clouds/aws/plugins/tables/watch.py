"""Logs, alarms, events, schedules, topics."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.clouds.aws.plugins.rows import Call, Row, View

_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "deliveryPolicy": "DeliveryPolicy",
}


def _topic(view: View) -> Mapping[str, Any]:
    inputs = view["input"]
    given = {api: inputs[name] for name, api in _TOPIC_ATTRIBUTES.items() if name in inputs}
    return {"Attributes": given} if given else {}


def _target(view: View) -> Mapping[str, Any]:
    # `internal/service/events/target.go` makes an id where none is given.
    target = {**view["body"], "Id": _target_id(view)}
    return {"Rule": view["input"]["rule"], "Id": target["Id"], "Targets": [target]}


def _target_id(view: View) -> str:
    return view["input"].get("targetId") or view["key"].get("Id") or f"terraform-{uuid4().hex}"


def _schedule_group(view: View) -> Mapping[str, Any]:
    # The id is GROUP/NAME (`internal/service/scheduler/schedule.go`).
    return {"GroupName": view["input"].get("groupName") or "default"}


def _rule_state(view: View) -> Mapping[str, Any]:
    return {"State": view["input"].get("state", "ENABLED")}


WATCH: Mapping[str, Row] = {
    "aws:cloudwatch/logGroup:LogGroup": Row(
        service="logs",
        id=("logGroupName",),
        create=Call("CreateLogGroup"),
        read=(
            Call(
                "DescribeLogGroups",
                {"logGroupNamePrefix": "id"},
                "logGroups[?logGroupName=='%(logGroupName)s'] | [0]",
            ),
        ),
        update=(
            Call("AssociateKmsKey", when="input.kmsKeyId && input.kmsKeyId != old.kmsKeyId"),
            Call("DisassociateKmsKey", when="!input.kmsKeyId && old.kmsKeyId"),
        ),
        also=(
            Call(
                "PutRetentionPolicy",
                {"retentionInDays": "input.retentionInDays"},
                when="input.retentionInDays",
            ),
            Call("DeleteRetentionPolicy", when="!input.retentionInDays && old.retentionInDays"),
        ),
        delete=(Call("DeleteLogGroup"),),
        outputs={
            "arn": "join(':', ['arn:aws:logs', region, account, 'log-group', id])",
        },
        told={"retentionInDays": "retentionInDays"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        service="cloudwatch",
        id=("AlarmName",),
        create=Call("PutMetricAlarm"),
        update=(Call("PutMetricAlarm"),),
        read=(Call("DescribeAlarms", {"AlarmNames": "[id]"}, "MetricAlarms[0]"),),
        delete=(Call("DeleteAlarms", {"AlarmNames": "[id]"}),),
        outputs={"arn": "found.AlarmArn"},
    ),
    "aws:cloudwatch/eventRule:EventRule": Row(
        service="events",
        id=("Name",),
        create=Call("PutRule"),
        update=(Call("PutRule"),),
        read=(Call("DescribeRule"),),
        delete=(Call("DeleteRule"),),
        outputs={"arn": "found.Arn"},
        prepare=_rule_state,
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Row(
        service="events",
        id=("Rule", "Id"),
        separator="/",
        create=Call("PutTargets"),
        update=(Call("PutTargets"),),
        read=(Call("ListTargetsByRule", at="Targets[?Id=='%(Id)s'] | [0]"),),
        delete=(Call("RemoveTargets", {"Ids": "[key.Id]"}),),
        outputs={"targetId": "key.Id"},
        silent=frozenset({"rule", "eventBusName"}),
        prepare=_target,
    ),
    "aws:scheduler/schedule:Schedule": Row(
        service="scheduler",
        id=("GroupName", "Name"),
        separator="/",
        create=Call("CreateSchedule"),
        update=(Call("UpdateSchedule"),),
        read=(Call("GetSchedule"),),
        delete=(Call("DeleteSchedule"),),
        outputs={"arn": "found.Arn"},
        prepare=_schedule_group,
    ),
    "aws:sns/topic:Topic": Row(
        service="sns",
        id=("TopicArn",),
        made="TopicArn",
        create=Call("CreateTopic"),
        read=(Call("GetTopicAttributes", at="Attributes"),),
        update=tuple(
            Call(
                "SetTopicAttributes",
                {"AttributeName": f"'{api}'", "AttributeValue": f"input.{name}"},
                when=f"input.{name} && input.{name} != old.{name}",
            )
            for name, api in _TOPIC_ATTRIBUTES.items()
        ),
        delete=(Call("DeleteTopic"),),
        outputs={"arn": "found.TopicArn"},
        told=_TOPIC_ATTRIBUTES,
        # The name is the end of the ARN.
        silent=frozenset({"name"}),
        prepare=_topic,
    ),
}
