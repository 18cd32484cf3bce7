"""Workflows, schedules and functions that do something else, and what makes the bill grow."""

from typing import Any

from tests.app.synth.review.mutating import Resources, Table, ids, one, query, redefine, remove, with_property

FLOW = Table()
FUNCTION, SCHEDULE, MACHINE = "Lambda::Function", "Scheduler::Schedule", "StepFunctions::StateMachine"


@FLOW.of("Training", "FLOW-001")
def a_workflow_is_removed(resources: Resources) -> None:
    remove(resources, MACHINE)


@FLOW.of("Tracking", "FLOW-011")
def another_function_takes_messages_too(resources: Resources) -> None:
    properties = {**one(resources, "Lambda::EventSourceMapping"), "FunctionName": "another"}
    resources["Second"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}


@FLOW.of("Training", "FLOW-001")
def a_workflow_gets_another_name(resources: Resources) -> None:
    one(resources, MACHINE)["StateMachineName"] += "-2"


@FLOW.of("Training", "FLOW-002", "FLOW-003")
def a_state_is_added(resources: Resources) -> None:
    def add(definition: dict[str, Any]) -> None:
        definition["States"]["Breathe"] = {"Type": "Wait", "Seconds": 60, "Next": definition["StartAt"]}
        definition["StartAt"] = "Breathe"

    redefine(resources, add)


@FLOW.of("Training", "FLOW-002")
def judging_is_left_out(resources: Resources) -> None:
    def leave_out(definition: dict[str, Any]) -> None:
        del definition["States"]["Judge the solution version"]
        choices = definition["States"]["Is the solution version done?"]["Choices"]
        for choice in choices:
            if choice["Next"] == "Judge the solution version":
                choice["Next"] = "Write batch input"

    redefine(resources, leave_out)


@FLOW.of("Training", "FLOW-003")
def failures_lead_elsewhere(resources: Resources) -> None:
    def lead(definition: dict[str, Any]) -> None:
        definition["States"]["Extract datasets"]["Catch"][0]["Next"] = "Published"

    redefine(resources, lead)


@FLOW.of("Training", "FLOW-004")
def sql_takes_other_rows(resources: Resources) -> None:
    redefine(
        resources, lambda definition: query(definition, lambda sql: sql.rstrip().rstrip(";") + "\nLIMIT 10")
    )


@FLOW.of("Training", "FLOW-004")
def a_text_in_sql_is_another(resources: Resources) -> None:
    redefine(
        resources,
        lambda definition: query(definition, lambda sql: sql.replace("'", "'x", 1)),
        "users-to-follow",
    )


@FLOW.of("Training", "FLOW-005")
def a_deadline_of_a_workflow_is_shorter(resources: Resources) -> None:
    redefine(resources, lambda definition: definition.update(TimeoutSeconds=60))


@FLOW.of("Training", "FLOW-005")
def a_deadline_of_a_function_is_shorter(resources: Resources) -> None:
    with_property(resources, FUNCTION, "Timeout")["Timeout"] = 1


@FLOW.of("Training", "FLOW-006")
def a_deadline_of_a_function_is_longer(resources: Resources) -> None:
    with_property(resources, FUNCTION, "Timeout")["Timeout"] = 900


@FLOW.of("Serving", "FLOW-005")
def the_api_waits_for_a_shorter_time(resources: Resources) -> None:
    one(resources, "ApiGatewayV2::Integration")["TimeoutInMillis"] = 1_000


@FLOW.of("Training", "FLOW-007")
def nothing_is_tried_again(resources: Resources) -> None:
    redefine(resources, lambda definition: definition["States"]["Find the active region"].pop("Retry"))


@FLOW.of("Training", "FLOW-008")
def a_step_gets_other_arguments(resources: Resources) -> None:
    def point(definition: dict[str, Any]) -> None:
        definition["States"]["Find the active region"]["Arguments"]["TableName"] = "recs-dev-serving"

    redefine(resources, point)


@FLOW.of("Training", "FLOW-015")
def more_shards_are_loaded_at_once(resources: Resources) -> None:
    redefine(
        resources, lambda definition: definition["States"]["Load recommendations"].update(MaxConcurrency=200)
    )


@FLOW.of("Training", "FLOW-009", "COST-003")
def a_day_between_runs_becomes_six_hours(resources: Resources) -> None:
    one(resources, SCHEDULE)["ScheduleExpression"] = "cron(0 3/6 * * ? *)"


@FLOW.of("Training", "FLOW-009", "COST-004")
def a_day_between_runs_becomes_a_week(resources: Resources) -> None:
    one(resources, SCHEDULE)["ScheduleExpression"] = "cron(0 3 ? * MON *)"


@FLOW.of("Training", "FLOW-010")
def a_schedule_is_off(resources: Resources) -> None:
    one(resources, SCHEDULE)["State"] = "DISABLED"


@FLOW.of("Training", "FLOW-010")
def a_schedule_is_removed(resources: Resources) -> None:
    remove(resources, SCHEDULE)


@FLOW.of("Training", "FLOW-008")
def a_schedule_starts_it_with_another_input(resources: Resources) -> None:
    one(resources, SCHEDULE)["Target"]["Input"] = '{"force": true}'


@FLOW.of("Tracking", "FLOW-011")
def nobody_takes_events_from_the_queue(resources: Resources) -> None:
    one(resources, "Lambda::EventSourceMapping")["Enabled"] = False


@FLOW.of("Tracking", "FLOW-018")
def messages_are_hidden_for_a_shorter_time(resources: Resources) -> None:
    with_property(resources, "SQS::Queue", "VisibilityTimeout")["VisibilityTimeout"] = 1


@FLOW.of("Training", "FLOW-012")
def a_function_gets_another_environment(resources: Resources) -> None:
    with_property(resources, FUNCTION, "Environment")["Environment"]["Variables"]["GENERATION_DAYS"] = "1"


@FLOW.of("Training", "FLOW-013")
def a_function_is_removed(resources: Resources) -> None:
    remove(resources, FUNCTION)


@FLOW.of("Training", "FLOW-013")
def a_function_cannot_run(resources: Resources) -> None:
    one(resources, FUNCTION)["ReservedConcurrentExecutions"] = 0


@FLOW.of("Training", "FLOW-017")
def a_schedule_is_added(resources: Resources) -> None:
    resources["New"] = {
        **resources[ids(resources, SCHEDULE)[0]],
        "Properties": {"ScheduleExpression": "rate(1 hour)"},
    }


@FLOW.of("Training", "COST-001")
def memory_is_doubled(resources: Resources) -> None:
    one(resources, FUNCTION)["MemorySize"] *= 2


@FLOW.of("Training", "COST-002")
def memory_is_halved(resources: Resources) -> None:
    one(resources, FUNCTION)["MemorySize"] //= 2


@FLOW.of("Data", "COST-005")
def a_campaign_has_throughput_of_its_own(resources: Resources) -> None:
    resources["Campaign"] = {"Type": "AWS::Personalize::Campaign", "Properties": {"MinProvisionedTPS": 2}}


@FLOW.of("Training", "COST-006")
def forty_alarms_are_added(resources: Resources) -> None:
    for number in range(40):
        properties = {"AlarmName": f"new-{number}", "Threshold": number}
        resources[f"New{number}"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


@FLOW.of("Observability", "PLAN-003")
def the_dashboard_gets_another_logical_id(resources: Resources) -> None:
    dashboard = resources.pop(ids(resources, "CloudWatch::Dashboard")[0])
    resources["Other"] = {**dashboard, "Properties": {**dashboard["Properties"], "DashboardBody": "{}"}}


def scheduled(arn: Any, role: Any) -> dict[str, Any]:
    """Once, at night."""
    target = {"Arn": arn, "RoleArn": role, "Input": '{"TableName": "recs-prod-serving"}'}
    properties = {"ScheduleExpression": "at(2030-01-01T00:00:00)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    return {"Type": f"AWS::{SCHEDULE}", "Properties": {**properties, "Target": target}}


@FLOW.of("Training", "FLOW-017", "FLOW-019")
def a_new_schedule_deletes_a_table(resources: Resources) -> None:
    role = {"Fn::GetAtt": [ids(resources, "IAM::Role")[0], "Arn"]}
    resources["Midnight"] = scheduled("arn:aws:scheduler:::aws-sdk:dynamodb:deleteTable", role)


@FLOW.of("Training", "FLOW-008", "FLOW-019")
def a_schedule_deletes_a_table_instead(resources: Resources) -> None:
    one(resources, SCHEDULE)["Target"]["Arn"] = "arn:aws:scheduler:::aws-sdk:dynamodb:deleteTable"


@FLOW.of("Training", "FLOW-019")
def a_new_schedule_starts_a_function_of_others(resources: Resources) -> None:
    role = {"Fn::GetAtt": [ids(resources, "IAM::Role")[0], "Arn"]}
    resources["Midnight"] = scheduled("arn:aws:lambda:eu-west-1:999999999999:function:x", role)


@FLOW.of("Training", "FLOW-019")
def a_new_rule_passes_events_to_a_bus_of_others(resources: Resources) -> None:
    bus = {"Arn": "arn:aws:events:eu-west-1:999999999999:event-bus/x", "Id": "a"}
    properties = {"EventPattern": {"source": ["aws.states"]}, "Targets": [bus]}
    resources["Passing"] = {"Type": "AWS::Events::Rule", "Properties": properties}


@FLOW.of("Training", "WATCH-008", "FLOW-019")
def a_rule_has_a_target_of_others_too(resources: Resources) -> None:
    bus = {"Arn": "arn:aws:events:eu-west-1:999999999999:event-bus/x", "Id": "a"}
    one(resources, "Events::Rule")["Targets"].append(bus)


@FLOW.of("Notifications", "REST-004")
def emails_come_from_no_verified_domain(resources: Resources) -> None:
    remove(resources, "SES::EmailIdentity")


@FLOW.of("Notifications", "REST-005")
def emails_come_from_another_domain(resources: Resources) -> None:
    one(resources, "SES::EmailIdentity")["EmailIdentity"] = "example.org"


@FLOW.of("Notifications", "REST-007")
def an_email_says_something_else(resources: Resources) -> None:
    template = one(resources, "SES::Template")["Template"]
    template["SubjectPart"] = "Free trainers for everybody"


@FLOW.of("Training", "REST-001")
def a_function_gets_a_property_that_no_rule_knows(resources: Resources) -> None:
    one(resources, FUNCTION)["RecursiveLoop"] = "Allow"


@FLOW.of("Serving", "ACCESS-022")
def a_parameter_has_another_value(resources: Resources) -> None:
    one(resources, "SSM::Parameter")["Value"] = "https://elsewhere.example.com"


@FLOW.of("Training", "REST-003")
def something_is_added_that_no_rule_knows(resources: Resources) -> None:
    resources["New"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}
