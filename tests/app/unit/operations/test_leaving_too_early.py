"""Nothing is removed that CloudFormation or a running workflow still has to do with."""

from __future__ import annotations

from typing import Any

from operations.leaving.scope import Scope
from operations.leaving.stacks import refusals, stacks_of

ACCOUNT = "111111111111"
ARN = f"arn:aws:personalize:eu-west-1:{ACCOUNT}:"
DATA = [
    ("AWS::Personalize::DatasetGroup", f"{ARN}dataset-group/recs-dev-posts", "CREATE_COMPLETE"),
    ("AWS::Personalize::Dataset", f"{ARN}dataset/recs-dev-users-to-follow/ITEMS", "CREATE_COMPLETE"),
    ("AWS::Personalize::Solution", f"{ARN}solution/recs-dev-gone-89abcdef", "DELETE_SKIPPED"),
    ("AWS::IAM::Role", "Dev-eu-west-1-Data-PostsImportRole-1", "CREATE_COMPLETE"),
]
STACKS = {
    "Dev-eu-west-1-Data": ("UPDATE_COMPLETE", {}, DATA),
    "by-another-name": (
        "UPDATE_COMPLETE",
        {"stage": "dev", "service": "recs"},
        [("AWS::Personalize::EventTracker", f"{ARN}event-tracker/1", "CREATE_COMPLETE")],
    ),
    "Dev-eu-west-1-Tracking": ("UPDATE_IN_PROGRESS", {}, []),
    "Prod-eu-west-1-Data": ("UPDATE_COMPLETE", {"stage": "prod", "service": "recs"}, DATA),
}
DEFINITIONS = {
    "recs-dev-posts": '{"Resource": "arn:aws:states:::aws-sdk:personalize:createCampaign"}',
    "recs-dev-similar-programs": '{"Resource": "arn:aws:states:::lambda:invoke"}',
    "recs-prod-posts": '{"Resource": "arn:aws:states:::aws-sdk:personalize:createCampaign"}',
}


class Account:
    """CloudFormation, Step Functions and Personalize, as much as is asked of them."""

    def get_paginator(self, operation: str) -> Any:
        return type("Pages", (), {"paginate": lambda _, **asked: [getattr(self, f"_{operation}")(**asked)]})()

    def _describe_stacks(self) -> Any:
        return {
            "Stacks": [
                {
                    "StackName": name,
                    "StackStatus": status,
                    "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                }
                for name, (status, tags, _) in STACKS.items()
            ]
        }

    def _list_stack_resources(self, StackName: str) -> Any:
        return {
            "StackResourceSummaries": [
                {"ResourceType": kind, "PhysicalResourceId": identity, "ResourceStatus": status}
                for kind, identity, status in STACKS[StackName][2]
            ]
        }

    def _list_state_machines(self) -> Any:
        return {"stateMachines": [{"name": name, "stateMachineArn": name} for name in DEFINITIONS]}

    def list_executions(self, *, stateMachineArn: str, statusFilter: str) -> Any:
        return {"executions": [{"executionArn": f"{stateMachineArn}:{statusFilter}"}]}

    def describe_state_machine_for_execution(self, *, executionArn: str) -> Any:
        return {"definition": DEFINITIONS[executionArn.split(":")[0]]}

    def describe_event_tracker(self, *, eventTrackerArn: str) -> Any:
        return {"eventTracker": {"name": "recs-dev-posts", "eventTrackerArn": eventTrackerArn}}


def _refused(*use_cases: str) -> list[str]:
    scope, account = Scope(ACCOUNT, "eu-west-1", "dev", use_cases), Account()
    return list(refusals(lambda _: account, scope, stacks_of(lambda _: account, scope)))


def test_all_that_has_to_come_first_is_told_at_once() -> None:
    changing, data, other, run = _refused()

    assert changing.startswith("Dev-eu-west-1-Tracking: a deployment is at work")
    assert "stack Dev-eu-west-1-Data still has 2 resources" in data
    assert "DatasetGroup recs-dev-posts" in data and "cdk deploy 'Dev-eu-west-1/*'" in data
    assert "by-another-name" in other
    assert run.startswith("recs-dev-posts:RUNNING is a run with Amazon Personalize")


def test_a_use_case_that_has_left_does_not_wait_for_the_others_of_its_stage() -> None:
    [changing] = _refused("similar-programs")
    about_posts = _refused("posts")

    assert "a deployment is at work" in changing
    assert "has 1 resources" in about_posts[2] and "users-to-follow" not in " ".join(about_posts)
