"""What is paid for whatever the volumes are: counted from the templates of a synth."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.schema import Database, StageConfig
from costs.prices.items import Item
from costs.usage.line import Group, Line, Where, lines_of
from costs.usage.volumes import GB, HOURS, Volumes
from review.reading.assemblies import Stack
from review.reading.templates import Template, flat

ALARM, DASHBOARD = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"
_COUNTED = {
    "AWS::KMS::Key": Item.KEY,
    "AWS::KMS::ReplicaKey": Item.KEY,
    "AWS::CloudWatch::CompositeAlarm": Item.COMPOSITE_ALARM,
    DASHBOARD: Item.DASHBOARD,
    "AWS::Route53::HealthCheck": Item.HEALTH_CHECK,
}
_HOURLY = {"AWS::EC2::NatGateway": Item.NAT_HOUR}
_SECRET, _ENDPOINT, _CHECK = (
    "AWS::SecretsManager::Secret",
    "AWS::EC2::VPCEndpoint",
    "AWS::Route53::HealthCheck",
)
_METRIC_NOTE = (
    "a full month each, though CloudWatch may bill only the hours in which a metric is written: "
    "open, the dearer reading"
)
_EXTRACT_GB_PER_RUN = 0.05


@dataclass(frozen=True)
class Counted:
    """So many of an item in a stack's template. resource: its logical id, and its type."""

    item: Item
    number: float
    resource: str
    region: str | None = None
    """Where it is paid, if not in the stack's own region."""


def fixed_lines(stacks: Iterable[Stack]) -> Iterator[Line]:
    """By stage, region and item; which resources they are is in `counted`."""
    sums: defaultdict[tuple[str, str, str, Item], float] = defaultdict(float)
    metrics: defaultdict[tuple[str, str, str], set[tuple[str, ...]]] = defaultdict(set)
    for stack in stacks:
        place = (stage_of(stack), stack.account, stack.region)
        for one in counted(stack.template):
            sums[place[0], place[1], one.region or stack.region, one.item] += one.number
        metrics[place] |= custom_metrics(stack.template)
    for (stage, account, region), found in metrics.items():
        sums[stage, account, region, Item.CUSTOM_METRIC] += len(found)
    for (stage, account, region, item), number in sums.items():
        if number:
            yield Line(
                where=Where(stage=stage, account=account, region=region),
                group=Group.FIXED,
                what=f"{number:g} {_WHAT[item][number != 1] if item in _WHAT else item.unit}",
                item=item,
                quantity=number,
                cause=f"templates of stage {stage}",
                notes=(_METRIC_NOTE,) if item is Item.CUSTOM_METRIC else (),
            )


_WHAT = {
    Item.ALARM_METRIC: ("metric of alarms", "metrics of alarms"),
    Item.FAST_ALARM_METRIC: ("metric of high-resolution alarms", "metrics of high-resolution alarms"),
    Item.COMPOSITE_ALARM: ("composite alarm", "composite alarms"),
    Item.CUSTOM_METRIC: ("custom metric of alarms and dashboards", "custom metrics of alarms and dashboards"),
    Item.KEY: ("key", "keys"),
    Item.DASHBOARD: ("dashboard", "dashboards"),
    Item.SECRET: ("secret or replica of one", "secrets and replicas of them"),
    Item.HEALTH_CHECK: ("health check", "health checks"),
    Item.HEALTH_CHECK_OPTION: ("option of a health check", "options of health checks"),
}
"""One, and several."""


def stage_of(stack: Stack) -> str:
    """`prod` of `Prod-eu-west-1-Data`."""
    return stack.name.partition("-")[0].lower()


def counted(template: Template) -> Iterator[Counted]:
    """What of a template is paid by its being there, custom metrics apart."""
    for name, resource in template.get("Resources", {}).items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        label = f"{name} ({kind})"
        if kind == ALARM:
            item = Item.FAST_ALARM_METRIC if _fast(properties) else Item.ALARM_METRIC
            yield Counted(item, _alarm_metrics(properties), label)
        elif kind == _SECRET:
            yield Counted(Item.SECRET, 1, label)
            for replica in properties.get("ReplicaRegions", ()):
                yield Counted(Item.SECRET, 1, f"{label}, replica", replica["Region"])
        elif kind == _ENDPOINT and properties.get("VpcEndpointType") == "Interface":
            zones = len(properties.get("SubnetIds", ())) or 1
            yield Counted(Item.ENDPOINT_HOUR, zones * HOURS, label)
        elif kind in _COUNTED:
            yield Counted(_COUNTED[kind], 1, label)
        elif kind in _HOURLY:
            yield Counted(_HOURLY[kind], HOURS, label)
        if kind == _CHECK and (options := _options(properties.get("HealthCheckConfig", {}))):
            yield Counted(Item.HEALTH_CHECK_OPTION, options, label)


def custom_metrics(template: Template) -> set[tuple[str, ...]]:
    """Namespace, name and dimensions of metrics of ours that alarms and dashboards name."""
    found: set[tuple[str, ...]] = set()
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        if resource["Type"] == ALARM:
            for one in (properties, *(metric["MetricStat"]["Metric"] for metric in _stats(properties))):
                if _ours(one.get("Namespace")):
                    sizes = sorted(
                        f"{size['Name']}={_text(size['Value'])}" for size in one.get("Dimensions", ())
                    )
                    found.add((one["Namespace"], one["MetricName"], *sizes))
        elif resource["Type"] == DASHBOARD:
            body = json.loads(_text(properties["DashboardBody"]))
            for widget in body["widgets"]:
                for metric in widget.get("properties", {}).get("metrics", ()):
                    names = [part for part in metric if isinstance(part, str)]
                    if len(names) > 1 and _ours(names[0]):
                        pairs = sorted(f"{a}={b}" for a, b in zip(names[2::2], names[3::2], strict=True))
                        found.add((names[0], names[1], *pairs))
    return found


def network_lines(stage: StageConfig, volumes: Volumes, runs: float) -> Iterator[Line]:
    """The way out of the databases' subnets, which is not in these templates, in each region that may be
    active. runs: extracts, a month; where the stage stands by there are none.
    """
    yield from _network(stage, stage.region, stage.database, "database", volumes, runs)
    for standby in stage.standby_regions:
        yield from _network(stage, standby.region, standby.database, "standby_regions", volumes, 0.0)


def _network(
    stage: StageConfig, region: str, database: Database | None, field: str, volumes: Volumes, runs: float
) -> Iterator[Line]:
    if database is None:
        return
    where = Where(stage=stage.name, account=stage.account, region=region)
    zones = len(database.availability_zones)
    cause = f"stage {stage.name}: {field}"
    shared = "not in these templates; nothing, if other applications pay for it already"
    gb = runs * max(_EXTRACT_GB_PER_RUN, volumes.interactions * volumes.interaction_bytes / GB)
    for number, hourly, through, what in (
        (volumes.endpoints * zones, Item.ENDPOINT_HOUR, Item.ENDPOINT_GB, "endpoints"),
        (volumes.nat_gateways, Item.NAT_HOUR, Item.NAT_GB, "NAT gateways"),
    ):
        if number:
            name = "endpoints" if what == "endpoints" else "nat_gateways"
            notes = (*volumes.said(name), shared)
            amounts = (
                (hourly, number * HOURS, f"{number:g} {what} by the hour"),
                (through, gb, f"GB through {what}"),
            )
            yield from lines_of(amounts, where=where, group=Group.FIXED, cause=cause, notes=notes)


def _alarm_metrics(properties: Mapping[str, Any]) -> int:
    """Each metric of an expression is billed like an alarm on it."""
    return len(_stats(properties)) or 1


def _stats(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [metric for metric in properties.get("Metrics", ()) if "MetricStat" in metric]


def _fast(properties: Mapping[str, Any]) -> bool:
    periods = [properties.get("Period", 60), *(one["MetricStat"]["Period"] for one in _stats(properties))]
    return bool(min(periods) < 60)


def _options(check: Mapping[str, Any]) -> int:
    """HTTPS, a text that is looked for, 10 seconds, latency: each is paid for."""
    kind = str(check.get("Type", ""))
    return int(
        kind.startswith("HTTPS")
        + kind.endswith("STR_MATCH")
        + (check.get("RequestInterval", 30) == 10)
        + bool(check.get("MeasureLatency"))
    )


def _ours(namespace: Any) -> bool:
    return isinstance(namespace, str) and not namespace.startswith("AWS/")


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int | float) else flat(value)
