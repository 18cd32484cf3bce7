"""The state machine of a workflow: logged, traced, and told of when it ends without having said so itself."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.access import allow
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.python_function import PythonFunction
from constructs.ground.vended_log_group import vended_log_group
from constructs.storage.active_regions import ActiveRegions
from constructs.workflow.fence import unless_fenced
from constructs.workflow.unnoticed_endings import Ending, UnnoticedEndings, UnnoticedEndingsProps


@dataclass(frozen=True, kw_only=True)
class WorkflowMachineProps:
    """name: at most 80 characters. comment: what it does. ending: of messages about it, which the function
    teller writes.

    total_hours: until a run is given up. active: where it is written which region runs it; None: it runs
    wherever it is started, because it is what changes that.
    """

    name: str
    comment: str
    ending: Ending
    role: iam.Role
    definition: sfn.IChainable
    active: ActiveRegions | None
    teller: PythonFunction
    dead_letters: DeadLetters
    total_hours: int
    retain_logs: bool


@dataclass(frozen=True)
class WorkflowMachine:
    log_group: logs.LogGroup
    state_machine: sfn.StateMachine


def workflow_machine(scope: Construct, props: WorkflowMachineProps) -> WorkflowMachine:
    log_group = vended_log_group(
        scope,
        "Logs",
        service="states",
        name=props.name,
        retention=logs.RetentionDays.THREE_MONTHS,
        retain=props.retain_logs,
    )
    definition = props.definition
    if props.active:
        allow(props.role, props.active.reading)
        definition = unless_fenced(scope, props.active, then=definition)
    state_machine = sfn.StateMachine(
        scope,
        "StateMachine",
        state_machine_name=props.name,
        comment=props.comment,
        query_language=sfn.QueryLanguage.JSONATA,
        definition_body=sfn.DefinitionBody.from_chainable(definition),
        timeout=cdk.Duration.hours(props.total_hours),
        tracing_enabled=True,
        logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=True),
        # The CDK would add rights of its own making, wider than those that the role was given.
        role=props.role.without_policy_updates(),
    )
    state_machine.node.add_dependency(props.role)
    # Cannot be attached to the role, is therefore not in the template, and yet would be checked.
    state_machine.node.try_remove_child("DistributedMapPolicy")
    UnnoticedEndings(
        scope,
        "UnnoticedEndings",
        UnnoticedEndingsProps(
            ending=props.ending,
            state_machine=state_machine,
            teller=props.teller,
            dead_letters=props.dead_letters,
        ),
    )
    return WorkflowMachine(log_group, state_machine)
