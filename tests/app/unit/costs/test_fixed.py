"""What costs something by being there is counted in the templates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from costs.estimating.estimate import fixed_of, priced
from costs.prices.catalogue import catalogue
from costs.prices.items import Item
from costs.usage.fixed import counted, custom_metrics, network_lines, stage_of
from costs.usage.line import Group, Line, Where
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack
from tests.app.support.assemblies import stacks
from tests.app.support.business.stages import PROD
from tests.app.unit.costs.estimates import TODAY

STAT = {"MetricStat": {"Metric": {"Namespace": "Ours", "MetricName": "A"}, "Period": 300, "Stat": "Sum"}}
TYPES: list[tuple[str, dict[str, Any], dict[Item, float]]] = [
    ("AWS::CloudWatch::Alarm", {"MetricName": "A", "Period": 300}, {Item.ALARM_METRIC: 1}),
    ("AWS::CloudWatch::Alarm", {"Metrics": [STAT, STAT, {"Expression": "a/b"}]}, {Item.ALARM_METRIC: 2}),
    ("AWS::CloudWatch::Alarm", {"MetricName": "A", "Period": 10}, {Item.FAST_ALARM_METRIC: 1}),
    ("AWS::CloudWatch::CompositeAlarm", {}, {Item.COMPOSITE_ALARM: 1}),
    ("AWS::KMS::Key", {}, {Item.KEY: 1}),
    ("AWS::SecretsManager::Secret", {"ReplicaRegions": [{"Region": "eu-central-1"}]}, {Item.SECRET: 2}),
    ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, {}),
    (
        "AWS::EC2::VPCEndpoint",
        {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]},
        {Item.ENDPOINT_HOUR: 1460},
    ),
    ("AWS::EC2::NatGateway", {}, {Item.NAT_HOUR: 730}),
    ("AWS::Route53::HealthCheck", {"HealthCheckConfig": {"Type": "TCP"}}, {Item.HEALTH_CHECK: 1}),
    (
        "AWS::Route53::HealthCheck",
        {"HealthCheckConfig": {"Type": "HTTPS_STR_MATCH", "RequestInterval": 10, "MeasureLatency": True}},
        {Item.HEALTH_CHECK: 1, Item.HEALTH_CHECK_OPTION: 4},
    ),
    ("AWS::SNS::Topic", {}, {}),
]


@pytest.mark.parametrize(("kind", "properties", "expected"), TYPES, ids=str)
def test_a_resource_is_counted_as_it_is_billed(
    kind: str, properties: dict[str, Any], expected: dict[Item, float]
) -> None:
    found: dict[Item, float] = {}
    for one in counted({"Resources": {"It": {"Type": kind, "Properties": properties}}}):
        found[one.item] = found.get(one.item, 0) + one.number

    assert found == expected


def test_a_secrets_replica_is_paid_where_it_is() -> None:
    lines = fixed_of(PROD, stacks())
    regions = {line.where.region: line.quantity for line in lines if line.item is Item.SECRET}

    assert regions == {"eu-west-1": 1, "eu-central-1": 1}


def test_every_metric_of_every_alarm_of_production_is_counted() -> None:
    """Against the text of the templates: each MetricStat, and each alarm that has none."""
    expected: dict[str, int] = {}
    for stack in stacks():
        if stage_of(stack) == "prod":
            for resource in stack.template["Resources"].values():
                if resource["Type"] == "AWS::CloudWatch::Alarm":
                    metrics = json.dumps(resource).count('"MetricStat"') or 1
                    expected[stack.region] = expected.get(stack.region, 0) + metrics
    lines = fixed_of(PROD, stacks())

    assert {line.where.region: line.quantity for line in lines if line.item is Item.ALARM_METRIC} == expected


def test_what_production_had_at_the_prices_of_us_east_1() -> None:
    """117 and 34 metrics 15.10, three keys 3.00, a secret and its replica 0.80."""
    where = Where(stage="prod", account="1", region="us-east-1")

    def usd(item: Item, quantity: float) -> float:
        line = Line(where=where, group=Group.FIXED, what="", item=item, quantity=quantity, cause="")
        return priced([line], catalogue(), TODAY).usd

    assert usd(Item.ALARM_METRIC, 117 + 34) == pytest.approx(15.10)
    assert usd(Item.KEY, 3) == pytest.approx(3.00)
    assert usd(Item.SECRET, 2) == pytest.approx(0.80)


def test_a_metric_that_an_alarm_and_a_dashboard_name_is_one() -> None:
    alarm = {
        "Namespace": "Ours",
        "MetricName": "A",
        "Dimensions": [{"Name": "stage", "Value": "prod"}, {"Name": "b", "Value": "c"}],
    }
    widget = {
        "properties": {
            "metrics": [["Ours", "A", "b", "c", "stage", "prod", {"stat": "Sum"}], ["AWS/SQS", "X"]]
        }
    }
    dashboard = {"DashboardBody": json.dumps({"widgets": [widget]})}
    template = {
        "Resources": {
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
            "Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": dashboard},
        }
    }

    assert custom_metrics(template) == {("Ours", "A", "b=c", "stage=prod")}


def test_stages_are_told_apart_by_the_names_of_their_stacks() -> None:
    empty = Stack("Staging-eu-west-1-Data", "", "1", "eu-west-1", {"Resources": {}})

    assert stage_of(empty) == "staging"
    assert fixed_of(PROD, [empty]) == ()


def test_the_way_out_of_the_databases_subnets_is_counted_by_zone_and_can_be_left_out() -> None:
    with_endpoints = list(network_lines(PROD, Volumes(), runs=30))

    assert with_endpoints[0].quantity == 3 * 3 * 730
    assert list(network_lines(PROD, Volumes(endpoints=0), runs=30)) == []
    assert any("pay for it already" in note for note in with_endpoints[0].notes)
