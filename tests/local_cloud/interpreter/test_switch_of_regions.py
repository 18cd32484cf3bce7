"""The state machine of a switch as it is deployed, begun and followed as an operator does."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from constructs.ground.dead_letters import DeadLetters
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps
from constructs.storage.item_table import ItemTable, ItemTableProps
from constructs.switching.functions import SwitchFunctions, SwitchFunctionsProps
from constructs.switching.props import EstateProps, SwitchStepProps
from constructs.switching.workflow import SwitchWorkflow, SwitchWorkflowProps

from config.derived.switching import SWITCH_STEPS
from local_cloud.interpreter.validation.definition import check
from operations.regions.following import Follower
from pipeline.errors import SwitchFailed
from review.reading.machines import machines_of
from stacks.props.switching import switch_steps
from tests.local_cloud.support.local_aws import LocalAws

LEADS = """
class SwitchRefused(Exception):
    pass

def handler(event, context):
    switch, key = event["switch"], event["key"]
    if switch["why"] == key:
        raise SwitchRefused("two reasons\\nagainst it")
    if key == "look":
        switch["asked"] = ["eu-west-1"] if switch["planned"] else []
    if key in ("wait", "copies") and not switch.get("waiting"):
        return {"done": False, "switch": {**switch, "waiting": "1 still running"}}
    at = f"2027-01-15T08:00:0{len(switch.get('steps', []))}"
    times = {"began": at + ".000Z", "ended": at + ".250Z"}
    step = {"step": key, "title": event["title"], **times, "words": "well"}
    done = {**switch, "waiting": "", "epoch": 1, "steps": [*switch.get("steps", []), step]}
    return {"done": True, "switch": done}
"""
REQUEST = {"planned": True, "lost": [], "known": 0, "by": "ann", "why": "an exercise"}


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("switch")), analytics_reporting=False)
    stack = cdk.Stack(app, "Switch", env=cdk.Environment(account="123456789012", region="eu-central-1"))
    estate = EstateProps(
        schedules=("posts",), schedule_roles="/s/", machines=("posts",), tables=("lists",), served={}
    )
    key = DataKey(stack, "Key", DataKeyProps(description="Data", retain=False))
    active = ActiveRegions(
        table=ItemTable(stack, "Table", ItemTableProps(name="lists", retain=False)),
        regions=("eu-west-1", "eu-central-1"),
    )
    functions = SwitchFunctions(
        stack,
        "Steps",
        SwitchFunctionsProps(
            name="act",
            environment={},
            active=active,
            estate=estate,
            data=DataBucket(stack, "Data", DataBucketProps(key=key.key, retain=False, versioned=False)),
        ),
    )
    SwitchWorkflow(
        stack,
        "Workflow",
        SwitchWorkflowProps(
            name="switch",
            region="eu-central-1",
            steps=switch_steps(),
            estate=estate,
            functions=functions,
            teller=functions.leads,
            dead_letters=DeadLetters(stack, "DeadLetters"),
        ),
    )
    [machine] = machines_of(app.synth().get_stack_artifact(stack.artifact_id).template)
    return dict(machine.definition)


@pytest.fixture
def follower(aws: LocalAws, definition: dict[str, Any]) -> Follower:
    """Of a new state machine; `lines` of what it says are those of `say`."""
    text = json.dumps(definition).replace("<AWS::Partition>", "aws")
    assert not check(text)
    given = json.loads(text)
    function = aws.function(LEADS)
    for state in given["States"].values():
        if "FunctionName" in state.get("Arguments", {}):
            state["Arguments"]["FunctionName"] = function
    states = given.pop("States")
    first = given.pop("StartAt")
    ordered = {first: states.pop(first), **states}
    machine = aws.machine(ordered, **given)
    said: list[str] = []
    return Follower(aws.client("stepfunctions"), machine, said.append, lambda seconds: None)


def said_by(follower: Follower) -> list[str]:
    lines = follower.say.__self__  # type: ignore[attr-defined]
    return [str(line).strip() for line in lines]


def test_a_planned_switch_goes_through_all_steps_and_is_followed(follower: Follower) -> None:
    ended = follower.follow(follower.begin(REQUEST))

    assert (ended.reason, ended.switch["epoch"], ended.switch["by"]) == ("", 1, "ann")
    assert [step["step"] for step in ended.switch["steps"]] == [step.key for step in SWITCH_STEPS]
    shown = [line for line in said_by(follower) if not line.startswith("waiting")]
    assert shown == [f"0.2 s  {step.title}: well" for step in SWITCH_STEPS]


def test_nobody_is_asked_in_a_switch_without_the_lost_region(follower: Follower) -> None:
    ended = follower.follow(follower.begin(REQUEST | {"planned": False, "lost": ["eu-west-1"]}))

    assert ended.reason == ""
    assert [step["step"] for step in ended.switch["steps"]] == [
        step.key for step in SWITCH_STEPS if not step.if_asked
    ]


def test_a_failure_says_its_reasons_its_step_and_what_to_do(follower: Follower) -> None:
    ended = follower.follow(follower.begin(REQUEST | {"why": "enable"}))

    [enable] = [step for step in SWITCH_STEPS if step.key == "enable"]
    assert (ended.reason, ended.step) == ("two reasons\nagainst it", enable.title)
    assert ended.advice == enable.stuck
    assert [step["step"] for step in ended.switch["steps"]][-1] == "raise"


def test_a_region_without_the_state_machine_says_what_to_deploy(aws: LocalAws) -> None:
    missing = "arn:aws:states:eu-west-1:123456789012:stateMachine:recs-none-region-switch"
    follower = Follower(aws.client("stepfunctions"), missing, print, lambda seconds: None)

    assert follower.under_way() is None
    with pytest.raises(SwitchFailed, match="deploy the stack Switching"):
        follower.begin(REQUEST)


def test_a_second_switch_beside_one_that_is_under_way_is_refused(
    aws: LocalAws, definition: dict[str, Any]
) -> None:
    first = {"ExecutionArn": "first", "StartDate": "2020-01-01T00:00:00Z"}
    state = definition["States"]["Find other executions"]
    assert state["Next"] == "Is another one running?"
    refused = definition["States"]["Is another one running?"]["Choices"][0]["Next"]
    assert definition["States"][refused]["Error"] == "SwitchRefused"
    earlier = state["Assign"]["earlier"].removeprefix("{% ").removesuffix(" %}")
    found = earlier.replace("$states.result.Executions", f"[{json.dumps(first)}]")
    assert aws.value(found) == "first"


def test_steps_that_are_left_out_are_neither_first_nor_last() -> None:
    def step(if_asked: bool) -> SwitchStepProps:
        return SwitchStepProps(
            key="k", title="t", if_asked=if_asked, there=if_asked, poll_seconds=0, limit_minutes=0
        )

    for order in ((True, False), (False, True), (False, True, False, True, False), ()):
        with pytest.raises(ValueError, match="neither first nor last"):
            SwitchWorkflowProps(steps=tuple(map(step, order)), **dict.fromkeys(_OTHERS))  # type: ignore[arg-type]


_OTHERS = ("name", "region", "estate", "functions", "teller", "dead_letters")
