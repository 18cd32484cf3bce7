"""Changes that this repository has been through, with verdicts written before they were reviewed."""

from typing import Any

from tests.app.synth.review.mutating import AWAY, HOME, Resources, Table, ids, one, with_property

HISTORY = Table()
LEADING = "ForAllValues:StringLike"
KEYS = "dynamodb:LeadingKeys"
PERSONALIZE = f"arn:aws:personalize:{HOME.partition('-')[2]}:333333333333:*"


def reading(resources: Resources, action: str, *keys: str) -> Any:
    """A statement of a new policy of the first role."""
    role = {"Ref": ids(resources, "IAM::Role")[0]}
    each = {
        "Effect": "Allow",
        "Action": action,
        "Resource": "arn:aws:dynamodb:eu-west-1:333333333333:table/recs-prod-serving",
        "Condition": {LEADING: {KEYS: list(keys)}},
    }
    document = {"Version": "2012-10-17", "Statement": [each]}
    resources["Reading"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"Roles": [role], "PolicyDocument": document},
    }
    return each


def pointers(resources: Resources) -> None:
    reading(resources, "dynamodb:GetItem", "pointer#*")


def pointers_and_experiments(resources: Resources) -> None:
    reading(resources, "dynamodb:GetItem", "experiment#*", "pointer#*")


@HISTORY.of("Serving", "ACCESS-001", given=pointers)
def readers_may_read_experiments_too(resources: Resources) -> None:
    pointers_and_experiments(resources)


@HISTORY.of("Serving", "ACCESS-003", given=pointers_and_experiments)
def readers_find_pointers_otherwise(resources: Resources) -> None:
    reading(resources, "dynamodb:GetItem", "experiment#*")


@HISTORY.of("Serving", "ACCESS-001")
def functions_may_ask_which_region_is_active(resources: Resources) -> None:
    reading(resources, "dynamodb:Query", "region#active")


@HISTORY.of("Training", "FLOW-012")
def functions_know_the_active_regions(resources: Resources) -> None:
    with_property(resources, "Lambda::Function", "Environment")["Environment"]["Variables"][
        "ACTIVE_REGIONS"
    ] = "x"


@HISTORY.of("Data", "FLOW-012", "REST-002")
def handlers_move_to_another_room(resources: Resources) -> None:
    function = one(resources, "Lambda::Function")
    function["Handler"] = f"moved.{function['Handler']}"
    function["Description"] = f"Of the function {function['Handler']}"


def protected(resources: Resources) -> None:
    for name in ids(resources, "DynamoDB::GlobalTable"):
        for replica in resources[name]["Properties"]["Replicas"]:
            replica["DeletionProtectionEnabled"] = True


@HISTORY.of("Data", "DATA-005", given=protected)
def tables_are_protected_once_the_first_deployment_has_succeeded(resources: Resources) -> None:
    for name in ids(resources, "DynamoDB::GlobalTable"):
        for replica in resources[name]["Properties"]["Replicas"]:
            replica["DeletionProtectionEnabled"] = False


def taken_on_from_one_account(resources: Resources) -> None:
    each = one(resources, "IAM::Role")["AssumeRolePolicyDocument"]["Statement"][0]
    each["Principal"] = {"Service": "personalize.amazonaws.com"}
    each["Condition"] = {
        "ArnLike": {"aws:SourceArn": PERSONALIZE},
        "StringEquals": {"aws:SourceAccount": "333333333333"},
    }


@HISTORY.of("Data", "ACCESS-005", given=taken_on_from_one_account)
def roles_are_taken_on_by_personalize_without_a_source(resources: Resources) -> None:
    del one(resources, "IAM::Role")["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]


def retained_always(resources: Resources) -> None:
    resources[ids(resources, "KMS::Key")[0]]["DeletionPolicy"] = "Retain"


@HISTORY.of("Data", "REST-001", given=retained_always)
def what_is_retained_goes_if_its_creation_fails(resources: Resources) -> None:
    resources[ids(resources, "KMS::Key")[0]]["DeletionPolicy"] = "RetainExceptOnCreate"


def without_names(resources: Resources) -> None:
    for name in ids(resources, "Scheduler::Schedule"):
        resources[name]["Properties"].pop("Name", None)


@HISTORY.of("Training", "REST-005", given=without_names)
def schedules_get_names(resources: Resources) -> None:
    for name in ids(resources, "Scheduler::Schedule"):
        resources[name]["Properties"]["Name"] = f"recs-prod-{name.lower()}"


@HISTORY.of("Training", "REST-005")
def roles_of_schedules_get_a_path(resources: Resources) -> None:
    one(resources, "IAM::Role")["Path"] = "/recs-prod/schedules/"


@HISTORY.of("Observability", "REST-005", place=AWAY)
def dashboards_of_replicas_get_a_name_of_their_own(resources: Resources) -> None:
    one(resources, "CloudWatch::Dashboard")["DashboardName"] += "-2"


def limits_for_all_routes(resources: Resources) -> None:
    one(resources, "ApiGatewayV2::Stage").pop("RouteSettings")


@HISTORY.of("Serving", "REST-001", given=limits_for_all_routes)
def public_routes_get_lower_limits(resources: Resources) -> None:
    limits = {"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 10, "ThrottlingRateLimit": 5}
    one(resources, "ApiGatewayV2::Stage")["RouteSettings"] = {"GET /v1/openapi.json": limits}


LOUD = {
    "readers_may_read_experiments_too",
    "functions_may_ask_which_region_is_active",
    "tables_are_protected_once_the_first_deployment_has_succeeded",
    "roles_are_taken_on_by_personalize_without_a_source",
}
"""those that have to fail a review until they are acknowledged; the others do not"""
