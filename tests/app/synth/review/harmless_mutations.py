"""Changes that must not alarm anybody: what is deployed does the same."""

from typing import Any

from tests.app.synth.review.mutating import Resources, Table, ids, one, query, redefine, with_property

HARMLESS = Table()


@HARMLESS.of("Training", "FLOW-014")
def only_code_of_functions(resources: Resources) -> None:
    for name in ids(resources, "Lambda::Function"):
        resources[name]["Properties"]["Code"]["S3Key"] = f"{'0' * 64}.zip"


@HARMLESS.of("Training", "FLOW-014")
def only_code_of_layers(resources: Resources) -> None:
    for name in ids(resources, "Lambda::LayerVersion"):
        resources[name]["Properties"]["Content"]["S3Key"] = f"{'0' * 64}.zip"


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
