"""A campaign that nobody asks is an alarm, and one that is not there yet, or new, is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from constructs.models.first_deployments import CAMPAIGN
from constructs.training.campaign_alarm import Watched, watched_hours

from config.stages import LOCAL, STAGES
from local_cloud.alarms.expressions import compute
from local_cloud.alarms.series import Series
from local_cloud.alarms.states import COMPARISONS, Missing, Rule, State, state_of
from tests.app.support.side_by_side import BESIDE_STAGE
from tests.app.support.template_reading import Template, flat, resources_of

ASKED = "GetRecommendations"
RUNS = dict.fromkeys(range(3, 100, 6), 1)
"""By hours ago: the schedule of the local stage."""
CASES: dict[str, tuple[Mapping[str, Mapping[int, float]], str]] = {
    "nothing has run yet": ({"FirstDeployment": {100: 1}}, "OK"),
    "nobody has asked": ({"FreshGeneration": RUNS}, "ALARM"),
    "somebody asked two days ago": ({"FreshGeneration": RUNS, ASKED: {48: 1}}, "OK"),
    "somebody asked long ago": ({"FreshGeneration": RUNS, ASKED: {90: 5}}, "ALARM"),
    "the lists were there before the campaign": (
        {"FreshGeneration": RUNS, "FirstDeployment": {48: 1}},
        "OK",
    ),
    "the first run was late": ({"FreshGeneration": {20: 1}, "FirstDeployment": {95: 1}}, "OK"),
    "runs have ceased": ({"FreshGeneration": {90: 1}}, "OK"),
}


def idle_alarms(template: Template) -> list[dict[str, Any]]:
    alarms = resources_of(template, "AWS::CloudWatch::Alarm").values()
    return [one for one in alarms if ASKED in {metric["MetricName"] for metric in metrics_of(one)}]


def metrics_of(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]


def sizes_of(metric: Mapping[str, Any]) -> dict[str, str]:
    return {one["Name"]: flat(one["Value"]) for one in metric["Dimensions"]}


@pytest.mark.parametrize(
    ("idle_days", "interval_hours", "hours", "known"),
    [(3, 6, 72, 60), (3, 24, 72, 42), (1, 24, 54, 24), (7, 24, 168, 138), (3, 167, 168, 24)],
)
def test_it_looks_back_as_far_as_is_asked_for_and_far_enough_to_see_a_run_and_a_day(
    idle_days: int, interval_hours: int, hours: int, known: int
) -> None:
    assert watched_hours(idle_days=idle_days, interval_hours=interval_hours) == Watched(hours, known)


def observed(templates: dict[str, Template], place: str) -> Template:
    return templates[f"{place}-Observability"]


def test_every_campaign_is_watched_by_the_metric_that_the_service_has_of_it(
    templates: dict[str, Template],
) -> None:
    """One that wants no alarm has none: that of training programs, beside others."""
    for stage in (*STAGES, BESIDE_STAGE):
        template = observed(templates, stage.id_in(stage.region))
        alarms = idle_alarms(template)
        found = {metric["MetricName"]: (metric["Namespace"], sizes_of(metric)) for metric in all_of(alarms)}
        [dashboard] = resources_of(template, "AWS::CloudWatch::Dashboard").values()
        drawn = flat(dashboard["DashboardBody"]).count(f'"{ASKED}"')
        assert drawn == {LOCAL.name: 1, BESIDE_STAGE.name: 2}.get(stage.name, 0)
        if stage not in (LOCAL, BESIDE_STAGE):
            assert alarms == []
            continue
        assert len(alarms) == 1
        # Before it looks, it has been counted that the campaign is new.
        [idle] = [name for name in resources_of(template, "AWS::CloudWatch::Alarm") if "CampaignIdle" in name]
        [new] = [
            name
            for name, one in resources_of(template, "Custom::FirstDeployment").items()
            if one["Variant"] == CAMPAIGN
        ]
        assert new in template["Resources"][idle]["DependsOn"]
        ours = {"stage": stage.name, "use_case": "posts"}
        variant = {"variant": "personalize"} if stage is BESIDE_STAGE else {}
        name = f"campaign/recs-{stage.name}-posts"
        assert found == {
            ASKED: (
                "AWS/Personalize",
                {"CampaignArn": f"arn:aws:personalize:{stage.region}:{stage.account}:{name}"},
            ),
            "FreshGeneration": ("Recommendations", ours | variant),
            "FirstDeployment": ("Recommendations", ours | {"variant": CAMPAIGN}),
        }


def all_of(alarms: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for alarm in alarms:
        yield from metrics_of(alarm)


@pytest.mark.parametrize("name", CASES)
def test_the_alarm_goes_off_where_a_campaign_is_there_and_idle_and_nowhere_else(
    templates: dict[str, Template], name: str
) -> None:
    [alarm] = idle_alarms(observed(templates, LOCAL.id_in(LOCAL.region)))
    rule = Rule(
        periods=alarm["EvaluationPeriods"],
        alarming=alarm["DatapointsToAlarm"],
        missing=Missing(alarm["TreatMissingData"]),
    )
    data, expected = CASES[name]
    by_id = {
        each["Id"]: series_of(data.get(each["MetricStat"]["Metric"]["MetricName"], {}), rule.range)
        for each in alarm["Metrics"]
        if "MetricStat" in each
    }
    [expression] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]

    found = compute(expression, {**by_id}, by_id)

    assert isinstance(found, Series) and len(found.values) == rule.range
    breaches = COMPARISONS[alarm["ComparisonOperator"]]
    points = [breaches(found.values[place], alarm["Threshold"]) for place in range(rule.range)]
    assert state_of(rule, points, State.INSUFFICIENT_DATA).value == expected


def series_of(by_hours_ago: Mapping[int, float], length: int) -> Series:
    """What of it is looked at."""
    places = {length - 1 - hours: value for hours, value in by_hours_ago.items() if hours < length}
    return Series(places, length, 3600)
