"""The notifications stack: what each of its functions and its workflow may do, and nothing else."""

import json

from config.derived.names import api_address_parameter
from config.notifications import NOTIFICATIONS
from config.schema import StageConfig
from tests.app.support.notifications_stack import every_primary, function_of, settings_of, stack_of
from tests.app.support.rights import EVERYWHERE, TELEMETRY, arns_of
from tests.app.support.template_reading import Right, Template, machines_of, resources_of, rights_of

NAMES = {notification.name for notification in NOTIFICATIONS}


def rights(template: Template, step: str) -> set[Right]:
    """Without those that every function has."""
    function = function_of(template, step)
    log_group = f"<{function['LoggingConfig']['LogGroup']['Ref']}.Arn>"
    own = {Right("logs:CreateLogStream", log_group), Right("logs:PutLogEvents", log_group)}
    everywhere = own | {Right(action, "*") for action in EVERYWHERE}
    allowed = rights_of(template, function["Role"]["Fn::GetAtt"][0])
    assert everywhere <= allowed
    return allowed - everywhere


def of_items(actions: tuple[str, ...], table: str, *keys: str) -> set[Right]:
    condition = json.dumps({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}})
    return {Right(f"dynamodb:{action}", table, condition) for action in actions}


def of_objects(arns: dict[str, str], reads: str, writes: str) -> set[Right]:
    return {
        Right("s3:GetObject", f"{arns['bucket']}/{reads}/*"),
        Right("s3:PutObject", f"{arns['bucket']}/{writes}/*"),
        Right("s3:ListBucket", arns["bucket"]),
        Right("kms:Decrypt", arns["key"]),
        Right("kms:GenerateDataKey", arns["key"]),
    }


@every_primary
def test_planning_reads_exports_and_the_pointer_and_writes_shards(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    arns = arns_of(templates, stage)
    expected = of_objects(arns, "datasets", "notifications")
    expected |= of_items(("GetItem",), arns["table"], "experiment#*")
    expected |= of_items(("Query",), arns["table"], "pointer#*")
    expected |= of_items(("Query",), arns["table"], "region#active")
    if settings_of(stage).sender:
        expected.add(Right("ses:ListSuppressedDestinations", "*"))

    assert rights(stack_of(templates, stage), "plan_notifications") == expected


@every_primary
def test_notifying_sends_by_the_stage_s_sender_and_applications_only(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template, arns, settings = stack_of(templates, stage), arns_of(templates, stage), settings_of(stage)
    [table] = resources_of(template, "AWS::DynamoDB::GlobalTable")
    where = f"{stage.region}:{stage.account}"
    expected = of_objects(arns, "notifications", "notifications")
    expected |= of_items(("BatchGetItem",), arns["table"], "user#*")
    expected |= of_items(("GetItem",), arns["table"], "opted-out", "popular#*")
    expected |= of_items(("Query",), arns["table"], "denied#*", "opted-out")
    expected |= of_items(("Query",), arns["table"], "region#active")
    own = ("DeleteItem", "PutItem", "Query", "UpdateItem")
    expected |= of_items(own, f"<{table}.Arn>", "user#*")
    expected |= of_items(("DeleteItem",), f"<{table}.Arn>", "endpoint#*")
    for application in settings.push:
        endpoints = application.arn.replace(":app/", ":endpoint/")
        expected |= {Right("sns:Publish", resource) for resource in (application.arn, f"{endpoints}/*")}
    if settings.sender:
        [secret] = resources_of(template, "AWS::SecretsManager::Secret")
        [settings_name] = resources_of(template, "AWS::SES::ConfigurationSet")
        ses = f"arn:aws:ses:{where}:"
        parameter = api_address_parameter(stage.name)
        expected |= {
            Right("secretsmanager:GetSecretValue", f"<{secret}>"),
            Right("ssm:GetParameter", f"arn:aws:ssm:{where}:parameter{parameter}"),
        }
        names = [
            entry["Template"]["TemplateName"]
            for entry in resources_of(template, "AWS::SES::Template").values()
        ]
        needed = {f"identity/{settings.sender.domain}", f"configuration-set/<{settings_name}>"}
        needed |= {f"template/{name}" for name in names}
        for action in ("ses:SendEmail", "ses:SendTemplatedEmail"):
            expected |= {Right(action, ses + resource) for resource in needed}

    assert rights(template, "notify") == expected


@every_primary
def test_reporting_reads_results_and_writes_a_record(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    expected = of_objects(arns_of(templates, stage), "notifications", "runs")
    assert rights(stack_of(templates, stage), "report_notifications") == expected


@every_primary
def test_the_workflow_may_do_what_its_definition_calls_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template, arns = stack_of(templates, stage), arns_of(templates, stage)
    for machine in machines_of(template):
        states = f"arn:aws:states:{stage.region}:{stage.account}"
        children = f"{states}:execution:{machine.name}/notify:*"
        own = f"{states}:stateMachine:{machine.name}"
        expected = {Right(action, "*") for action in TELEMETRY}
        expected |= {Right("states:ListExecutions", own), Right("states:StartExecution", own)}
        expected |= {
            Right(f"states:{action}Execution", executions)
            for action in ("Describe", "Stop")
            for executions in (children, f"{states}:execution:{machine.name}:*")
        }
        expected.add(Right("states:RedriveExecution", children))
        for _, task in machine.tasks("lambda:invoke"):
            expected.add(Right("lambda:InvokeFunction", task["Arguments"]["FunctionName"]))
        [name] = NAMES
        expected.add(Right("s3:GetObject", f"{arns['bucket']}/notifications/{name}/*/shards.json"))
        expected.add(Right("kms:Decrypt", arns["key"]))
        expected |= of_items(("Query",), arns["table"], "region#active")
        assert rights_of(template, machine.role) == expected
