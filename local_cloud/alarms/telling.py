"""What CloudWatch tells when an alarm changes its state: to topics, and to EventBridge.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.loaders
from moto.sns.models import sns_backends

from local_cloud.alarms.states import State
from local_cloud.events.bus import emit
from local_cloud.events.permissions import needs_of_target
from local_cloud.ground.times import iso_text
from local_cloud.judge.instance import installed

SERVICE = "cloudwatch.amazonaws.com"
_ACTIONS: Mapping[State, Callable[[Any], list[str]]] = {
    State.OK: lambda alarm: alarm.ok_actions,
    State.ALARM: lambda alarm: alarm.alarm_actions,
    State.INSUFFICIENT_DATA: lambda alarm: alarm.insufficient_data_actions,
}
_log = logging.getLogger(__name__)


class UnsupportedAction(NotImplementedError):
    """An action that the local cloud does not take; the message names it."""


def check_actions(alarm: Any) -> None:
    """Raises: UnsupportedAction, for one that is no topic."""
    for actions in _ACTIONS.values():
        for arn in actions(alarm):
            if not arn.startswith("arn:aws:sns:"):
                raise UnsupportedAction(f"of alarms the actions that notify topics, not {arn}")


def actions_of(alarm: Any, state: State) -> list[str]:
    """ARNs of what to tell of this state; nothing, if the alarm's actions are not enabled."""
    return list(_ACTIONS[state](alarm)) if alarm.actions_enabled else []


def notify(topic: str, alarm: Any, before: State) -> None:
    """`alarm`, moto's record, in its new state. Raises: Refused, if topic or key do not allow it."""
    account, region = topic.split(":")[4], topic.split(":")[3]
    installed().service_needs(SERVICE, needs_of_target(topic), alarm.alarm_arn)
    document = _document(alarm, before)
    sns_backends[account][region].publish(
        message=json.dumps({"default": json.dumps(document), "email": _text(document)}),
        arn=topic,
        subject=f'{alarm.state_value}: "{alarm.name}" in {document["Region"]}'[:100],
        message_structure="json",
    )


def tell_events(account: str, alarm: Any, before: State, reason: str, since: datetime) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html"""
    emit(
        account=account,
        region=alarm.region_name,
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        detail={
            "alarmName": alarm.name,
            "state": {
                "value": alarm.state_value,
                "reason": alarm.state_reason,
                "timestamp": iso_text(alarm.state_updated_timestamp),
            },
            "previousState": {"value": before.value, "reason": reason, "timestamp": iso_text(since)},
        },
        resources=[alarm.alarm_arn],
    )


def _document(alarm: Any, before: State) -> dict[str, Any]:
    changed = alarm.state_updated_timestamp.replace(tzinfo=UTC)
    found = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.alarm_arn.split(":")[4],
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": f"{changed:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000",
        "Region": _region(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before.value,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
    }
    return found | ({"AlarmRule": alarm.rule} if alarm.rule is not None else {"Trigger": _trigger(alarm)})


def _trigger(alarm: Any) -> dict[str, Any]:
    metric = {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": (alarm.statistic or "").upper() or None,
        "ExtendedStatistic": alarm.extended_statistic,
        "Dimensions": [{"name": each.name, "value": each.value} for each in alarm.dimensions],
        "Period": alarm.period,
    }
    queries = [{"Id": query.id, "Expression": query.expression} for query in alarm.metric_data_queries]
    return {
        **({"Metrics": queries} if queries else metric),
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "missing",
    }


def _text(document: Mapping[str, Any]) -> str:
    """For people; the words are ours."""
    return "\n".join(
        (
            f'The alarm "{document["AlarmName"]}" in {document["Region"]} has changed its state.',
            "",
            f"{document['OldStateValue']} -> {document['NewStateValue']} at {document['StateChangeTime']}",
            f"Why: {document['NewStateReason']}",
            *((f"About: {document['AlarmDescription']}",) if document["AlarmDescription"] else ()),
            f"ARN: {document['AlarmArn']}",
        )
    )


@cache
def _region(name: str) -> str:
    """As people call it; such as Europe (Ireland)."""
    regions = botocore.loaders.Loader().load_data("endpoints")["partitions"][0]["regions"]
    return str(regions.get(name, {}).get("description", name))
