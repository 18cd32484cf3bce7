"""What the stage of a developer's own machine has that no deployed stage has, and nothing else.

It has no snapshots: it is deployed to nobody. End-to-end tests see what the local cloud makes of it.
"""

import json
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import ANY

import pytest

from review.reading.templates import Template, flat, resources_of
from review.snapshots.files import in_parts
from review.snapshots.folding import folded
from tests.app.support.business.stages import DEV, LOCAL, STAGING
from tests.app.support.snapshots import stacks_with_names
from tests.app.support.template_reading import training_of

SPECIAL = {
    "Training/*Schedule*/ScheduleExpression": "cron(0 3/6 * * ? *)",
    "Observability/*Stale*/DatapointsToAlarm": 12,
    "Observability/*Stale*/EvaluationPeriods": 12,
    "Observability/*Stale*/AlarmDescription": ANY,
    "Observability/*TooLong*/Threshold": pytest.approx(0.8 * 6 * 60 * 60 * 1000),
    "Observability/*TooLong*/AlarmDescription": ANY,
    # The owner is whoever runs it.
    "*/Tags/0/Value": "whoever-runs-it",
    "*/Tags/owner": "whoever-runs-it",
    # PostgreSQL on this machine speaks no TLS, and has the same people however long ago they came.
    "Training/*/DATABASE_SSL_MODE": "prefer",
    "Training/*ExtractDataset*/VpcConfig": {
        "SecurityGroupIds": ["sg-01000000000000001"],
        "SubnetIds": ["subnet-0100000000000000a"],
    },
    "Training/definitions/*/Write batch input/Arguments/Payload/activeWithinDays": "{% null %}",
    # As much as the machine can do.
    "Serving/*/ThrottlingRateLimit": 2_000,
    "Serving/*/ThrottlingBurstLimit": 4_000,
    # Staging would only say what it would send, and in development nobody is notified.
    "Notifications/definitions/*/Name the run/Assign/dryRun": (
        "{% $exists($states.input.dryRun) ? $states.input.dryRun = true : false %}"
    ),
    # The one campaign: of posts. An alarm tells when nobody asks it, and a graph shows how often it is.
    "Observability/dashboards/*/widgets": ANY,
    "Observability/Resources/PowertoolsVersion*": ANY,
    "Observability/Resources/FirstDeployments*": ANY,
    "Observability/Resources/PostsCampaignIdle*": ANY,
    "Data/Resources/PostsModelCampaignRemoval*": ANY,
    "Data/Resources/CampaignsFunctionRoleDefaultPolicy*/Statement/1": ANY,
    "Training/Resources/PostsRoleDefaultPolicy*/Statement": ANY,
    "Training/definitions/PostsStateMachine/*/States/Look at the campaign": ANY,
    "Training/definitions/PostsStateMachine/*/States/Does the campaign follow?": ANY,
    "Training/definitions/PostsStateMachine/*/States/Create the campaign": ANY,
    "Training/definitions/PostsStateMachine/*/States/Update the campaign": ANY,
    "Training/definitions/PostsStateMachine/*/States/Pause before: * the campaign": ANY,
    "Training/definitions/PostsStateMachine/*/States/Try again: * the campaign[?]": ANY,
    "Training/definitions/PostsStateMachine/*/States/Was there anything new?": ANY,
    "Training/definitions/PostsStateMachine/*/States/<order>": ANY,
    "Training/definitions/PostsStateMachine/*/States/Is there anything new?/Default": "Look at the campaign",
    "Training/definitions/PostsStateMachine/*/States/Publish the generation/Next": "Update the campaign",
    "Training/definitions/PostsStateMachine/*/States/Notify of the failure/Arguments/Message": ANY,
    "Serving/*/endpoints/0/realtime": ANY,
    "Serving/Resources/ServingRecommendationsRoleDefaultPolicy*/Statement/4": ANY,
}
"""by path, with the kind of the stack in front"""


@pytest.fixture(scope="module")
def own(templates: dict[str, Template]) -> dict[str, Any]:
    """What LOCAL has otherwise than DEV, and otherwise than STAGING."""
    of_local, *of_others = (
        {stack.kind: in_parts(templates[stack.name], stack.names) for stack in stacks_with_names(stage)}
        for stage in (LOCAL, DEV, STAGING)
    )
    found = {}
    for kind, template in of_local.items():
        owns = [folded([template, others[kind]])[1][0] for others in of_others]
        for path in owns[0].keys() & owns[1].keys():
            found["/".join((kind, *path))] = owns[0][path]
    return found


def test_the_local_stage_has_nothing_of_its_own_but_this(own: dict[str, Any]) -> None:
    unexplained = {
        path: value
        for path, value in own.items()
        if not any(fnmatchcase(path, pattern) and value == SPECIAL[pattern] for pattern in SPECIAL)
    }

    assert unexplained == {}


def test_the_local_dashboard_has_one_graph_more(templates: dict[str, Template]) -> None:
    titles = {}
    for stage in (LOCAL, DEV):
        template = templates[f"{stage.id_in(stage.region)}-Observability"]
        [dashboard] = resources_of(template, "AWS::CloudWatch::Dashboard").values()
        widgets = json.loads(flat(dashboard["DashboardBody"]))["widgets"]
        titles[stage.name] = [widget["properties"]["title"] for widget in widgets]

    titles[LOCAL.name].remove("Answers of campaigns")
    assert titles[LOCAL.name] == titles[DEV.name]


@pytest.mark.parametrize("pattern", SPECIAL)
def test_the_local_stage_has_this_of_its_own(own: dict[str, Any], pattern: str) -> None:
    assert any(fnmatchcase(path, pattern) for path in own)


def test_every_use_case_of_the_local_stage_is_due_every_six_hours(templates: dict[str, Template]) -> None:
    schedules = resources_of(training_of(templates, LOCAL), "AWS::Scheduler::Schedule")

    assert len(schedules) == 4
    assert {each["ScheduleExpression"] for each in schedules.values()} == {"cron(0 3/6 * * ? *)"}


def test_failures_of_the_local_stage_are_told_to_whoever_runs_it(templates: dict[str, Template]) -> None:
    subscriptions = resources_of(training_of(templates, LOCAL), "AWS::SNS::Subscription")

    assert [(each["Protocol"], each["Endpoint"]) for each in subscriptions.values()] == [
        ("email", "you@example.com")
    ]
