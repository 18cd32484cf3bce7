"""A log group that a service writes to, and not a function of ours."""

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct
from constructs.ground.removal import removal


def vended_log_group(
    scope: Construct,
    construct_id: str,
    *,
    service: str,
    name: str,
    retention: logs.RetentionDays,
    retain: bool,
) -> logs.LogGroup:
    """Below /aws/vendedlogs/, for which one line of the region's resource policy is enough.

    The policy that lets services deliver has 5,120 characters, and every other log group takes some of them:
    https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html. The name ends with a part of the stack's
    id, so that a group that outlives its stack is in nobody's way.
    """
    stack_id = cdk.Fn.select(2, cdk.Fn.split("/", cdk.Stack.of(scope).stack_id))
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=f"/aws/vendedlogs/{service}/{name}-{cdk.Fn.select(0, cdk.Fn.split('-', stack_id))}",
        retention=retention,
        removal_policy=removal(retain=retain),
    )
