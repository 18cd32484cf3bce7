"""Rights that grow or shrink, routes without authorisation, blocks that go."""

from typing import Any

from tests.app.synth.review.mutating import AWAY, Resources, Table, ids, one, remove, statement, with_property

ACCESS = Table()
ROUTE, STAGE, BUCKET = "ApiGatewayV2::Route", "ApiGatewayV2::Stage", "S3::Bucket"


def policy_of(resources: Resources, type_: str) -> list[Any]:
    """Of the first of these resources that lets somebody in."""
    documents = (
        resources[name]["Properties"]["PolicyDocument"]["Statement"] for name in ids(resources, type_)
    )
    found: list[Any] = next(
        document for document in documents if any(each["Effect"] == "Allow" for each in document)
    )
    return found


@ACCESS.of("Training", "ACCESS-001")
def a_role_may_do_one_more_thing(resources: Resources) -> None:
    statement(resources, "dynamodb:PutItem")["Action"].append("dynamodb:DeleteItem")


@ACCESS.of("Training", "ACCESS-004")
def a_role_may_do_it_to_everything(resources: Resources) -> None:
    statement(resources, "dynamodb:PutItem")["Resource"] = "*"


@ACCESS.of("Training", "ACCESS-004")
def a_role_may_do_everything(resources: Resources) -> None:
    statement(resources, "dynamodb:PutItem")["Action"] = ["dynamodb:*"]


@ACCESS.of("Training", "ACCESS-001")
def a_condition_is_gone(resources: Resources) -> None:
    for name in ids(resources, "IAM::Policy"):
        for each in resources[name]["Properties"]["PolicyDocument"]["Statement"]:
            if "Condition" in each:
                del each["Condition"]
                return


@ACCESS.of("Training", "ACCESS-002")
def a_statement_is_about_what_cannot_be_told(resources: Resources) -> None:
    each = statement(resources, "dynamodb:PutItem")
    each["Condition"] = {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}
    each["Resource"] = {"Fn::ImportValue": "another-table"}


@ACCESS.of("Training", "ACCESS-021")
def a_role_may_do_one_thing_less(resources: Resources) -> None:
    for each in ids(resources, "IAM::Policy"):
        document = resources[each]["Properties"]["PolicyDocument"]
        if len(document["Statement"]) > 1:
            document["Statement"].pop()
            return


def lose(resources: Resources, action: str) -> None:
    """An action of all roles that have it."""
    for name in ids(resources, "IAM::Policy"):
        document = resources[name]["Properties"]["PolicyDocument"]
        kept = [each for each in document["Statement"] if action not in each["Action"]]
        document["Statement"] = kept


@ACCESS.of("Training", "ACCESS-021")
def schedules_may_no_longer_start_anything(resources: Resources) -> None:
    lose(resources, "states:StartExecution")


@ACCESS.of("Training", "ACCESS-021")
def workflows_may_no_longer_tell_of_failures(resources: Resources) -> None:
    lose(resources, "sns:Publish")


@ACCESS.of("Serving", "ACCESS-021")
def functions_may_no_longer_read_lists(resources: Resources) -> None:
    lose(resources, "dynamodb:GetItem")


@ACCESS.of("Training", "ACCESS-016")
def a_role_gets_a_managed_policy(resources: Resources) -> None:
    one(resources, "IAM::Role")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]


@ACCESS.of("Training", "ACCESS-005")
def another_account_may_take_on_a_role(resources: Resources) -> None:
    document = one(resources, "IAM::Role")["AssumeRolePolicyDocument"]
    document["Statement"][0]["Principal"] = {"AWS": "arn:aws:iam::999999999999:root"}


@ACCESS.of("Data", "ACCESS-005")
def a_role_is_taken_on_without_its_condition(resources: Resources) -> None:
    for name in ids(resources, "IAM::Role"):
        each = resources[name]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        if each.pop("Condition", None):
            return


@ACCESS.of("Training", "ACCESS-020")
def a_role_is_taken_on_with_a_condition(resources: Resources) -> None:
    documents = (
        resources[name]["Properties"]["AssumeRolePolicyDocument"] for name in ids(resources, "IAM::Role")
    )
    each = next(one["Statement"][0] for one in documents if "Condition" not in one["Statement"][0])
    each["Condition"] = {"StringEquals": {"aws:SourceAccount": "333333333333"}}


@ACCESS.of("Training", "ACCESS-014")
def a_role_is_added(resources: Resources) -> None:
    name = ids(resources, "IAM::Policy")[0]
    resources["New"] = {**resources[resources[name]["Properties"]["Roles"][0]["Ref"]]}
    properties = {**resources[name]["Properties"], "Roles": [{"Ref": "New"}]}
    resources["NewPolicy"] = {**resources[name], "Properties": properties}


@ACCESS.of("Serving", "ACCESS-007")
def a_route_asks_for_no_authorisation(resources: Resources) -> None:
    one(resources, ROUTE, AuthorizationType="AWS_IAM")["AuthorizationType"] = "NONE"


@ACCESS.of("Serving", "ACCESS-007", place=AWAY)
def a_route_of_the_replica_says_nothing_of_authorisation(resources: Resources) -> None:
    del one(resources, ROUTE, AuthorizationType="AWS_IAM")["AuthorizationType"]


@ACCESS.of("Serving", "ACCESS-007")
def a_public_route_is_added(resources: Resources) -> None:
    old = resources[ids(resources, ROUTE)[0]]
    properties = {**old["Properties"], "RouteKey": "GET /v1/all", "AuthorizationType": "NONE"}
    resources["NewRoute"] = {**old, "Properties": properties}


@ACCESS.of("Serving", "ACCESS-019")
def a_route_with_authorisation_is_added(resources: Resources) -> None:
    old = resources[ids(resources, ROUTE, AuthorizationType="AWS_IAM")[0]]
    resources["NewRoute"] = {**old, "Properties": {**old["Properties"], "RouteKey": "GET /v1/all"}}


@ACCESS.of("Serving", "ACCESS-010")
def a_route_is_authorised_by_tokens(resources: Resources) -> None:
    one(resources, ROUTE, AuthorizationType="AWS_IAM")["AuthorizationType"] = "JWT"


@ACCESS.of("Serving", "ACCESS-013")
def a_route_is_removed(resources: Resources) -> None:
    remove(resources, ROUTE)


@ACCESS.of("Serving", "ACCESS-012")
def more_calls_are_let_through(resources: Resources) -> None:
    one(resources, STAGE)["DefaultRouteSettings"]["ThrottlingRateLimit"] = 10_000


@ACCESS.of("Serving", "ACCESS-012")
def public_routes_have_no_limit_of_their_own(resources: Resources) -> None:
    del one(resources, STAGE)["RouteSettings"]


@ACCESS.of("Serving", "ACCESS-011")
def other_web_pages_may_call(resources: Resources) -> None:
    one(resources, "ApiGatewayV2::Api")["CorsConfiguration"] = {"AllowOrigins": ["*"]}


@ACCESS.of("Data", "ACCESS-008")
def public_access_of_a_bucket_is_not_blocked(resources: Resources) -> None:
    del one(resources, BUCKET)["PublicAccessBlockConfiguration"]


@ACCESS.of("Data", "ACCESS-008")
def public_policies_of_a_bucket_are_not_blocked(resources: Resources) -> None:
    one(resources, BUCKET)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False


@ACCESS.of("Data", "ACCESS-006")
def a_bucket_lets_everybody_read(resources: Resources) -> None:
    for name in ids(resources, "S3::BucketPolicy"):
        each = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "*"}
        resources[name]["Properties"]["PolicyDocument"]["Statement"].append(each)


@ACCESS.of("Data", "ACCESS-009")
def a_bucket_no_longer_refuses_plain_http(resources: Resources) -> None:
    document = one(resources, "S3::BucketPolicy")["PolicyDocument"]
    document["Statement"] = [each for each in document["Statement"] if each["Effect"] != "Deny"]


@ACCESS.of("Data", "ACCESS-009")
def the_policy_of_a_bucket_is_removed(resources: Resources) -> None:
    remove(resources, "S3::BucketPolicy")


@ACCESS.of("Data", "ACCESS-006")
def another_account_may_use_the_key(resources: Resources) -> None:
    each = {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Resource": "*",
    }
    one(resources, "KMS::Key")["KeyPolicy"]["Statement"].append(each)


@ACCESS.of("Notifications", "ACCESS-006")
def a_queue_lets_in_whoever_asks(resources: Resources) -> None:
    for each in policy_of(resources, "SQS::QueuePolicy"):
        if each["Effect"] == "Allow":
            each["Principal"] = "*"
            each.pop("Condition", None)


@ACCESS.of("Serving", "ACCESS-006")
def a_function_may_be_called_from_any_api(resources: Resources) -> None:
    del with_property(resources, "Lambda::Permission", "SourceArn")["SourceArn"]


@ACCESS.of("Training", "ACCESS-015")
def a_function_runs_as_another_role(resources: Resources) -> None:
    roles = ids(resources, "IAM::Role")
    function = one(resources, "Lambda::Function")
    function["Role"] = {"Fn::GetAtt": [next(one for one in roles if one not in str(function["Role"])), "Arn"]}


@ACCESS.of("Training", "ACCESS-015")
def a_function_leaves_its_network(resources: Resources) -> None:
    del with_property(resources, "Lambda::Function", "VpcConfig")["VpcConfig"]


@ACCESS.of("Serving", "ACCESS-017")
def a_function_gets_a_public_address(resources: Resources) -> None:
    resources["Url"] = {
        "Type": "AWS::Lambda::Url",
        "Properties": {"AuthType": "NONE", "TargetFunctionArn": "x"},
    }
