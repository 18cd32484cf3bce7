"""AWS::CloudWatch."""

from collections.abc import Callable

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

_ALARM = (
    "ActionsEnabled AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm Dimensions "
    "EvaluateLowSampleCountPercentile EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName "
    "Metrics Namespace OKActions Period Statistic Tags Threshold ThresholdMetricId TreatMissingData Unit"
)
_COMPOSITE = (
    "ActionsEnabled ActionsSuppressor ActionsSuppressorExtensionPeriod ActionsSuppressorWaitPeriod "
    "AlarmActions AlarmDescription AlarmRule InsufficientDataActions OKActions Tags"
)


def _put_alarm(request: Request, name: str) -> Physical:
    request.call("cloudwatch", "put_metric_alarm", request.some(*_ALARM.split()), AlarmName=name)
    return Physical(name, {"Arn": request.arn("cloudwatch", f"alarm:{name}")})


def _put_composite(request: Request, name: str) -> Physical:
    request.call("cloudwatch", "put_composite_alarm", request.some(*_COMPOSITE.split()), AlarmName=name)
    return Physical(name, {"Arn": request.arn("cloudwatch", f"alarm:{name}")})


def _update_alarm(put: Callable[[Request, str], Physical], request: Request, name: str) -> Physical:
    """The API takes tags for new alarms only."""
    physical = put(request, name)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    arn = physical.attributes["Arn"]
    if tags:
        request.call("cloudwatch", "tag_resource", ResourceARN=arn, Tags=tags)
    if gone:
        request.call("cloudwatch", "untag_resource", ResourceARN=arn, TagKeys=gone)
    return physical


def _put_dashboard(request: Request, name: str) -> Physical:
    problems = request.call("cloudwatch", "put_dashboard", request.some("DashboardBody"), DashboardName=name)
    for problem in problems.get("DashboardValidationMessages") or []:
        raise ValueError(problem.get("Message"))
    return Physical(name)


def _delete_alarm(request: Request, physical: Physical) -> None:
    request.call("cloudwatch", "delete_alarms", AlarmNames=[physical.id])


def _delete_dashboard(request: Request, physical: Physical) -> None:
    request.call_unless_absent("cloudwatch", "delete_dashboards", DashboardNames=[physical.id])


TYPES = (
    ResourceType(
        name="AWS::CloudWatch::Alarm",
        create=lambda request: _put_alarm(
            request, request.name(request.properties.get("AlarmName"), limit=255)
        ),
        update=lambda request, physical: _update_alarm(_put_alarm, request, physical.id),
        delete=_delete_alarm,
        properties=names(_ALARM),
        replacing=names("AlarmName"),
    ),
    ResourceType(
        name="AWS::CloudWatch::CompositeAlarm",
        create=lambda request: _put_composite(
            request, request.name(request.properties.get("AlarmName"), limit=255)
        ),
        update=lambda request, physical: _update_alarm(_put_composite, request, physical.id),
        delete=_delete_alarm,
        properties=names(_COMPOSITE),
        replacing=names("AlarmName"),
    ),
    ResourceType(
        name="AWS::CloudWatch::Dashboard",
        create=lambda request: _put_dashboard(
            request, request.name(request.properties.get("DashboardName"), limit=255)
        ),
        update=lambda request, physical: _put_dashboard(request, physical.id),
        delete=_delete_dashboard,
        properties=names("DashboardBody"),
        without_effect=names("Tags"),
        replacing=names("DashboardName"),
    ),
)
