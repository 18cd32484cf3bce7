"""moto's alarms: they begin with a state that nobody knows, keep it when they change, and have a history."""

from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from local_cloud.alarms import changes
from local_cloud.alarms.definitions import definition_of
from local_cloud.alarms.rules import rule_of
from local_cloud.alarms.states import State
from local_cloud.alarms.telling import check_actions
from local_cloud.alarms.watch import changing
from local_cloud.ground.patching import replace

_MOST_ITEMS = 100


def install() -> None:
    """Raises: RuntimeError, if moto has what is added here."""
    for name in ("put_composite_alarm", "describe_alarm_history"):
        if hasattr(CloudWatchResponse, name):
            raise RuntimeError(f"this version of moto has {name}: this patch is needless")

    def put(self: Any, name: str, *arguments: Any, **named: Any) -> Any:
        earlier = self.alarms.get(name)
        with changing:
            alarm = stock_put(self, name, *arguments, **named)
            try:
                check_actions(alarm)
                _ = definition_of(alarm) if alarm.rule is None else rule_of(alarm.rule)
            except (ValueError, TypeError) as problem:
                _put_back(self, name, earlier)
                raise ValidationError(str(problem)) from None
            except NotImplementedError:
                _put_back(self, name, earlier)
                raise
            if earlier is None:
                changes.begin(alarm)
            else:
                changes.go_on(alarm, earlier)
        return alarm

    def set_state(self: Any, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        """Until the next evaluation."""
        with changing:
            alarm = self.alarms.get(alarm_name)
            before = alarm and (alarm.state_value, alarm.history[:])
            stock_set(self, alarm_name, reason, reason_data, state_value)
            alarm.state_value, alarm.history = before
            if alarm.state_value != state_value:
                changes.change(alarm, State(state_value), reason, reason_data)

    stock_put = replace(CloudWatchBackend, "put_metric_alarm", put)
    stock_set = replace(CloudWatchBackend, "set_alarm_state", set_state)
    setattr(CloudWatchResponse, "put_composite_alarm", CloudWatchResponse.put_metric_alarm)  # noqa: B010
    setattr(CloudWatchResponse, "describe_alarm_history", _history)  # noqa: B010


def _put_back(backend: Any, name: str, earlier: Any) -> None:
    if earlier is None:
        del backend.alarms[name]
    else:
        backend.alarms[name] = earlier


def _history(self: Any) -> ActionResult:
    """DescribeAlarmHistory: the newest first, in pages."""
    wanted, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    begin, end = self._get_param("StartDate"), self._get_param("EndDate")
    most, first = int(self._get_param("MaxRecords") or _MOST_ITEMS), int(self._get_param("NextToken") or 0)
    found = sorted(
        (
            (item, alarm)
            for alarm in list(self.cloudwatch_backend.alarms.values())
            for item in list(alarm.history)
            if wanted in (None, alarm.name)
            and kind in (None, item.kind)
            and (begin is None or begin.timestamp() <= item.at.timestamp())
            and (end is None or item.at.timestamp() <= end.timestamp())
        ),
        key=lambda each: each[0].at,
        reverse=self._get_param("ScanBy") != "TimestampAscending",
    )
    items = [
        {
            "AlarmName": alarm.name,
            "AlarmType": "MetricAlarm" if alarm.rule is None else "CompositeAlarm",
            "Timestamp": item.at,
            "HistoryItemType": item.kind,
            "HistorySummary": item.summary,
            "HistoryData": item.data,
        }
        for item, alarm in found[first : first + most]
    ]
    more = {"NextToken": str(first + most)} if len(found) > first + most else {}
    return ActionResult({"AlarmHistoryItems": items, **more})
