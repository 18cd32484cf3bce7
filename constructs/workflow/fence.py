"""How a run begins in a stage of several regions: in the active one, and nowhere else."""

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.storage.active_regions import ACTIVE_REGION, ActiveRegions
from constructs.workflow.language import call, expression, literal, retry

_ACTIVE = "active"


def unless_fenced(scope: Construct, active: ActiveRegions, *, then: sfn.IChainable) -> sfn.IChainable:
    """Hands the input on. An execution whose region is not the active one, or is being drained, ends well as
    fenced, and says why.
    """
    here, first = literal(cdk.Stack.of(scope).region), literal(active.regions[0])
    look = call(
        scope,
        "Find the active region",
        "dynamodb",
        "query",
        {
            "TableName": active.table.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": ACTIVE_REGION}},
            "ScanIndexForward": False,
            "Limit": 1,
            "ConsistentRead": True,
        },
        assign={"fenced": expression(" ".join(_REASON.format(here=here, first=first).split()))},
        outputs=expression("$states.input"),
    )
    retry(look, ("States.TaskFailed",), first_seconds=2, longest_seconds=30, attempts=5)
    fenced = sfn.Succeed.jsonata(
        scope, "Fenced", outputs={"outcome": "fenced", "reason": expression("$fenced")}
    )
    decide = (
        sfn.Choice.jsonata(scope, "Is this region active?")
        .when(sfn.Condition.jsonata(expression("$fenced != ''")), fenced)
        .otherwise(then)
    )
    return look.next(decide)


_REASON = f"""(
  $newest := $states.result.Items[0];
  $region := $exists($newest) ? $newest.region.S : {{first}};
  $state := $exists($newest) ? $newest.state.S : '{_ACTIVE}';
  $region != {{here}}
    ? {{here}} & ' does nothing: ' & $region & ' is the active region'
    : $state != '{_ACTIVE}' ? {{here}} & ' begins nothing any more: it is ' & $state : ''
)"""
"""JSONata: why the execution may not go on; empty if it may."""
