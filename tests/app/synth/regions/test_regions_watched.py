"""What watches the regions of a stage: canaries, and alarms that only the active region sets off."""

import json
from collections.abc import Mapping

import pytest

from local_cloud.alarms.expressions import compute
from local_cloud.alarms.series import Series
from review.reading.templates import Template, flat, resources_of
from tests.app.support.business.stages import PROD
from tests.app.support.standby import AWAY, HOME, REPLICA, SOME, of
from tests.app.support.template_reading import rights_of

REGIONS = (HOME, AWAY, REPLICA)


@pytest.mark.parametrize(
    ("region", "active", "fresh", "told"),
    [
        (HOME, {}, {}, True),
        (HOME, {0: 1, 1: 1, 2: 1}, {}, True),
        (HOME, {0: 1, 1: 1, 2: 1}, {1: 1}, False),
        (HOME, {0: 1, 1: 0, 2: 0}, {}, False),
        (AWAY, {}, {}, False),
        (AWAY, {0: 0, 1: 0, 2: 0}, {}, False),
        (AWAY, {0: 0, 1: 1, 2: 1}, {}, False),
        (AWAY, {0: 1, 1: 1, 2: 1}, {}, True),
        (AWAY, {0: 1, 1: 1, 2: 1}, {2: 1}, False),
    ],
)
def test_lists_that_are_not_renewed_are_told_by_the_active_region_alone(
    stacks: dict[str, Template],
    region: str,
    active: Mapping[int, float],
    fresh: Mapping[int, float],
    told: bool,
) -> None:
    """active, fresh: by hour, of three in which all must breach."""
    stale = [
        alarm
        for alarm in resources_of(of(stacks, region, "Observability"), "AWS::CloudWatch::Alarm").values()
        if "FreshGeneration" in json.dumps(alarm.get("Metrics", ""))
    ]
    assert len(stale) == len(SOME)
    for alarm in stale:
        [expression] = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
        given = {"active": active, "fresh": fresh, "deployed": {}}
        series = {name: Series(values, 3, 3600) for name, values in given.items()}
        found = compute(expression, {**series}, series)
        assert isinstance(found, Series)
        missing = alarm["TreatMissingData"] == "breaching"
        assert all(found.values[hour] < 1 if hour in found.values else missing for hour in range(3)) == told


@pytest.mark.parametrize("region", REGIONS)
def test_a_canary_may_ask_for_one_list_in_each_region_and_look_who_is_active(
    stacks: dict[str, Template], region: str
) -> None:
    stack = of(stacks, region, "Canary")
    function = next(iter(resources_of(stack, "AWS::Lambda::Function").values()))

    rights = {
        (right.action, right.resource)
        for right in rights_of(stack, function["Role"]["Fn::GetAtt"][0])
        if not right.action.startswith("logs:")
    }

    settings = json.loads(function["Environment"]["Variables"]["CANARY"])
    path = settings["list_path"].partition("?")[0]
    assert settings["addresses"] == dict.fromkeys(REGIONS)
    assert rights == {
        ("dynamodb:Query", f"arn:aws:dynamodb:{region}:{PROD.account}:table/recs-prod-serving"),
        *(
            ("ssm:GetParameter", f"arn:aws:ssm:{one}:{PROD.account}:parameter/recs/prod/regional-api")
            for one in REGIONS
        ),
        *(
            ("execute-api:Invoke", f"arn:aws:execute-api:{one}:{PROD.account}:*/$default/GET{path}")
            for one in REGIONS
        ),
    }
    names = [
        parameter["Name"]
        for parameter in resources_of(of(stacks, region, "Serving"), "AWS::SSM::Parameter").values()
    ]
    assert "/recs/prod/regional-api" in names
    routes = [
        route["RouteKey"]
        for route in resources_of(of(stacks, region, "Serving"), "AWS::ApiGatewayV2::Route").values()
    ]
    assert f"GET {path.replace('/canary/', '/{userId}/')}" in routes


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_that_is_asked_is_watched_by_whoever_asks(
    stacks: dict[str, Template], region: str
) -> None:
    alarms = [
        (alarm["MetricName"], {entry["Name"]: entry["Value"] for entry in alarm["Dimensions"]})
        for alarm in resources_of(of(stacks, region, "Canary"), "AWS::CloudWatch::Alarm").values()
        if alarm.get("Namespace") == "Recommendations"
    ]

    assert {one["from_region"] for _, one in alarms} == {region}
    for name in ("Available", "Latency"):
        assert sorted(one["to_region"] for metric, one in alarms if metric == name) == sorted(REGIONS)
    assert [one["to_region"] for metric, one in alarms if metric == "ListAge"] == [region]


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_one_page_shows_all_regions_by_what_each_of_them_has_seen(
    stacks: dict[str, Template], region: str
) -> None:
    [dashboard] = resources_of(of(stacks, region, "Observability"), "AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(flat(dashboard["DashboardBody"]))["widgets"]
    shown = {widget["properties"].get("title"): widget["properties"].get("metrics") for widget in widgets}

    for title, name in (("Regions: available (%)", "Available"), ("Regions: latency (ms)", "Latency")):
        pairs = [
            (metric[1], metric[3], metric[7], metric[-1].get("region", region)) for metric in shown[title]
        ]
        assert sorted(pairs) == sorted((name, one, other, one) for one in REGIONS for other in REGIONS)
    ages = {
        (metric[1], metric[7], metric[-1].get("region", region))
        for metric in shown["Regions: oldest lists (s)"]
    }
    assert ages == {("ListAge", one, one) for one in REGIONS}
