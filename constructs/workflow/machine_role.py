"""The roles of state machines: who takes them on, and what Step Functions itself needs."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ground.access import Access


def state_machine_role(scope: Construct, construct_id: str, description: str) -> iam.Role:
    """For this account's state machines, without any rights yet."""
    stack = cdk.Stack.of(scope)
    return iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal(
            "states.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {"aws:SourceArn": _states(stack, "stateMachine", "*")},
            },
        ),
        description=description,
    )


def distributed_map(stack: cdk.Stack, name: str, label: str) -> tuple[Access, ...]:
    """What a distributed map of this label needs, and a look at the machine's other executions."""
    machine = _states(stack, "stateMachine", name)
    executions = f"{_states(stack, 'execution', name)}:*"
    loading = f"{_states(stack, 'execution', f'{name}/{label}')}:*"
    why = "Step Functions chooses the names of the executions of a distributed map"
    return (
        Access(actions=("states:ListExecutions", "states:StartExecution"), resources=(machine,)),
        Access(
            actions=("states:DescribeExecution", "states:StopExecution"),
            resources=(executions, loading),
            why=why,
        ),
        Access(actions=("states:RedriveExecution",), resources=(loading,), why=why),
    )


def telemetry() -> tuple[Access, ...]:
    """What Step Functions itself needs to log and trace a machine."""
    return (
        Access(
            actions=(
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ),
            resources=("*",),
            why="The log delivery by which Step Functions logs executions has no resources to name",
        ),
        Access(
            actions=(
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ),
            resources=("*",),
            why="X-Ray has no resources to name: these actions only write traces",
        ),
    )


def _states(stack: cdk.Stack, resource: str, name: str) -> str:
    return stack.format_arn(
        service="states",
        resource=resource,
        resource_name=name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
