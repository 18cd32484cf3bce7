"""Changes that must not alarm anybody: what is deployed does the same."""

import json
from typing import Any

from review.reading.assemblies import Stack
from review.reading.templates import flat, unflat
from tests.app.synth.review.mutating import (
    Resources,
    Table,
    ids,
    one,
    query,
    redefine,
    uploaded_to,
    with_property,
)

HARMLESS = Table()


def other_code(stack: Stack, type_: str, member: str) -> None:
    """An asset of the stack, as the CDK uploads it."""
    resources = stack.template["Resources"]
    for name in ids(resources, type_):
        code = resources[name]["Properties"][member]
        code["S3Key"] = f"{'0' * 64}.zip"
        uploaded_to(stack)[f"{code['S3Bucket']}/{code['S3Key']}"] = '{"path": "../asset.0"}'


@HARMLESS.whole("Training", "FLOW-014")
def only_code_of_functions(stack: Stack) -> None:
    other_code(stack, "Lambda::Function", "Code")


@HARMLESS.whole("Training", "FLOW-014")
def only_code_of_layers(stack: Stack) -> None:
    other_code(stack, "Lambda::LayerVersion", "Content")


def of_the_home(stack: Stack) -> None:
    stack.template["Conditions"] = {"Home": {"Fn::Equals": [{"Ref": "AWS::Region"}, stack.region]}}


@HARMLESS.whole("Observability", "REST-008", given=of_the_home)
def alarms_where_a_condition_holds_that_does(stack: Stack) -> None:
    for name in ids(stack.template["Resources"], "CloudWatch::Alarm"):
        stack.template["Resources"][name]["Condition"] = "Home"


def sized(stack: Stack) -> None:
    stack.template["Parameters"]["Size"] = {"Type": "Number", "Default": 256}
    one(stack.template["Resources"], "Lambda::Function")["MemorySize"] = 256


@HARMLESS.whole("Training", given=sized)
def a_size_by_a_parameter_that_is_the_same(stack: Stack) -> None:
    one(stack.template["Resources"], "Lambda::Function")["MemorySize"] = {"Ref": "Size"}


def one_of_two(stack: Stack) -> None:
    of_the_home(stack)
    one(stack.template["Resources"], "Scheduler::Schedule")["State"] = "ENABLED"


@HARMLESS.whole("Training", "REST-008", given=one_of_two)
def a_schedule_by_a_condition_that_is_on(stack: Stack) -> None:
    schedule = one(stack.template["Resources"], "Scheduler::Schedule")
    schedule["State"] = {"Fn::If": ["Home", "ENABLED", "DISABLED"]}


@HARMLESS.of("Training", "REST-008")
def only_the_order_of_resources_and_statements(resources: Resources) -> None:
    reversed_ = dict(reversed(resources.items()))
    resources.clear()
    resources.update(reversed_)
    for name in ids(resources, "IAM::Policy"):
        resources[name]["Properties"]["PolicyDocument"]["Statement"].reverse()


@HARMLESS.of("Serving")
def a_statement_written_as_two(resources: Resources) -> None:
    for name in ids(resources, "IAM::Policy"):
        statements: list[Any] = resources[name]["Properties"]["PolicyDocument"]["Statement"]
        for each in list(statements):
            if isinstance(each["Action"], list):
                statements.remove(each)
                statements += [{**each, "Action": action} for action in each["Action"]]


@HARMLESS.of("Training", "FLOW-016")
def only_a_comment_in_sql(resources: Resources) -> None:
    redefine(
        resources, lambda definition: query(definition, lambda sql: f"-- who did what\n{sql} /* the end */")
    )


@HARMLESS.of("Training", "FLOW-016")
def only_lines_of_sql(resources: Resources) -> None:
    redefine(resources, lambda definition: query(definition, lambda sql: sql.replace(", ", ",\n    ")))


@HARMLESS.of("Training", "FLOW-016")
def only_a_comment_of_a_state(resources: Resources) -> None:
    def comment(definition: dict[str, Any]) -> None:
        definition["States"]["Extract datasets"]["Comment"] = "From the database"

    redefine(resources, comment)


@HARMLESS.of("Observability", "REST-002")
def only_the_description_of_an_alarm(resources: Resources) -> None:
    one(resources, "CloudWatch::Alarm")["AlarmDescription"] = "Call somebody."


@HARMLESS.of("Training", "REST-002")
def only_a_description_of_a_role_and_a_function(resources: Resources) -> None:
    one(resources, "IAM::Role")["Description"] = "Of a function"
    with_property(resources, "Lambda::Function", "Description")["Description"] = "Does it"


@HARMLESS.of("Training", "REST-002")
def only_tags(resources: Resources) -> None:
    for one_ in resources.values():
        tags = one_.get("Properties", {}).get("Tags")
        if isinstance(tags, list):
            tags.append({"Key": "cost-centre", "Value": "42"})


@HARMLESS.of("Observability", "REST-002")
def only_the_layout_of_the_dashboard(resources: Resources) -> None:
    parts = one(resources, "CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    parts[0] = parts[0].replace('"height":6', '"height":7', 1)


@HARMLESS.of("Observability", "REST-002")
def an_alarm_gets_another_logical_id(resources: Resources) -> None:
    name = ids(resources, "CloudWatch::Alarm")[0]
    resources["Other"] = resources.pop(name)


@HARMLESS.of("Training")
def a_definition_joined_otherwise(resources: Resources) -> None:
    machine = one(resources, "StepFunctions::StateMachine")
    parts = machine["DefinitionString"]["Fn::Join"][1]
    first = parts[0]
    machine["DefinitionString"] = {
        "Fn::Join": ["", [first[:10], {"Fn::Join": ["", [first[10:20], first[20:]]]}, *parts[1:]]]
    }


@HARMLESS.of("Data", "REST-002")
def metadata_of_the_construct_tree(resources: Resources) -> None:
    for one_ in resources.values():
        one_["Metadata"] = {"aws:cdk:path": "Prod-eu-west-1/Data/Elsewhere"}


def flat_bus_policy(resources: Resources) -> None:
    properties = {"StatementId": "Others", "Action": "events:PutEvents", "Principal": "999999999999"}
    resources["BusPolicy"] = {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}


@HARMLESS.of("Training", given=flat_bus_policy)
def a_policy_of_a_bus_as_a_statement(resources: Resources) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Resource": "arn:aws:events:eu-west-1:333333333333:event-bus/default",
    }
    properties = {"StatementId": "Others", "EventBusName": "default", "Statement": statement}
    resources["BusPolicy"]["Properties"] = properties


@HARMLESS.of("Data")
def a_key_is_administered_by_the_number_of_the_account(resources: Resources) -> None:
    for each in one(resources, "KMS::Key")["KeyPolicy"]["Statement"]:
        if each["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}:
            each["Principal"] = {"AWS": ["333333333333"]}


@HARMLESS.of("Serving")
def a_permission_gets_another_logical_id(resources: Resources) -> None:
    resources["Other"] = resources.pop(ids(resources, "Lambda::Permission")[0])


def text_policy(resources: Resources) -> None:
    document = one(resources, "SNS::TopicPolicy")["PolicyDocument"]
    kept = [each for each in document["Statement"] if each.get("Sid") == "Alarms"]
    whole = {"Version": "2012-10-17", "Statement": [{**kept[0], "Resource": "*"}]}
    one(resources, "SNS::TopicPolicy")["PolicyDocument"] = json.dumps(whole, separators=(",", ":"))


@HARMLESS.of("Training", given=text_policy)
def a_policy_as_text_with_other_spaces(resources: Resources) -> None:
    properties = one(resources, "SNS::TopicPolicy")
    properties["PolicyDocument"] = json.dumps(json.loads(properties["PolicyDocument"]), indent=2)


@HARMLESS.of("Training")
def a_definition_with_other_spaces(resources: Resources) -> None:
    machine = one(resources, "StepFunctions::StateMachine")
    spaced = json.dumps(json.loads(flat(machine["DefinitionString"])), indent=4, ensure_ascii=False)
    machine["DefinitionString"] = unflat(spaced)


@HARMLESS.of("Serving")
def an_access_log_with_other_spaces(resources: Resources) -> None:
    settings = one(resources, "ApiGatewayV2::Stage")["AccessLogSettings"]
    settings["Format"] = json.dumps(json.loads(settings["Format"]), indent=1)


@HARMLESS.of("Tracking")
def policies_of_queues_as_text(resources: Resources) -> None:
    queue = with_property(resources, "SQS::Queue", "RedriveAllowPolicy")
    queue["RedriveAllowPolicy"] = json.dumps(queue["RedriveAllowPolicy"])


def network_of_two(resources: Resources) -> None:
    network = with_property(resources, "Lambda::Function", "VpcConfig")["VpcConfig"]
    network["SecurityGroupIds"], network["SubnetIds"] = ["sg-1", "sg-2"], ["subnet-1", "subnet-2"]


def own_endpoint(resources: Resources) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": "*",
    }
    resources["Endpoint"] = {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            **{"ServiceName": "com.amazonaws.eu-west-1.s3", "VpcId": "vpc-1"},
            **{"RouteTableIds": ["rtb-1", "rtb-2"], "SubnetIds": ["subnet-1", "subnet-2"]},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }


def security_group(resources: Resources) -> None:
    open_to = [{"CidrIp": f"10.0.{each}.0/24", "IpProtocol": "tcp", "FromPort": each} for each in (1, 2)]
    properties = {"GroupDescription": "a", "SecurityGroupIngress": open_to, "SecurityGroupEgress": [*open_to]}
    resources["Group"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


@HARMLESS.of("Training", given=network_of_two)
def networks_of_functions_in_another_order(resources: Resources) -> None:
    network = with_property(resources, "Lambda::Function", "VpcConfig")["VpcConfig"]
    for each in ("SecurityGroupIds", "SubnetIds"):
        network[each].reverse()


@HARMLESS.of("Training", given=own_endpoint)
def an_endpoint_in_another_order(resources: Resources) -> None:
    properties = resources["Endpoint"]["Properties"]
    properties["PolicyDocument"]["Statement"][0]["Action"].reverse()
    for each in ("RouteTableIds", "SubnetIds"):
        properties[each].reverse()


@HARMLESS.of("Training", given=security_group)
def openings_of_a_security_group_in_another_order(resources: Resources) -> None:
    for each in ("SecurityGroupIngress", "SecurityGroupEgress"):
        resources["Group"]["Properties"][each].reverse()


@HARMLESS.of("Training", "REST-008")
def only_the_order_of_tags(resources: Resources) -> None:
    for one_ in resources.values():
        tags = one_.get("Properties", {}).get("Tags")
        if isinstance(tags, list):
            tags.reverse()


def without_policy(resources: Resources) -> None:
    own_endpoint(resources)
    del resources["Endpoint"]["Properties"]["PolicyDocument"]


@HARMLESS.of("Training", given=without_policy)
def the_policy_that_an_endpoint_has_by_default(resources: Resources) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    resources["Endpoint"]["Properties"]["PolicyDocument"] = {
        "Version": "2012-10-17",
        "Statement": [statement],
    }


@HARMLESS.of("Data")
def an_alias_of_a_key_of_ones_own(resources: Resources) -> None:
    properties = {"AliasName": "alias/own", "TargetKeyId": {"Ref": ids(resources, "KMS::Key")[0]}}
    resources["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": properties}
