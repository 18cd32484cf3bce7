"""The campaign of a use case: it follows the model whose recommendations have been published.

It cannot be in a template: Amazon Personalize wants a trained model first. And a campaign that follows the
newest version by itself would also follow one that was judged worse.
"""

from dataclasses import dataclass

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow_failure import FailureRoute
from constructs.workflow_language import call, expression, retry, retry_when_full, retry_when_throttled


@dataclass(frozen=True, kw_only=True)
class CampaignProps:
    """min_provisioned_tps: transactions per second that are paid for, used or not; at least 1."""

    name: str
    arn: str
    min_provisioned_tps: int = 1


def follow_model(
    scope: Construct, props: CampaignProps, *, then: sfn.IChainable, failures: FailureRoute
) -> sfn.IChainable:
    """Reads the variable solutionVersionArn. Readers are served by the old model until the new one is up."""
    deployed = {
        "SolutionVersionArn": expression("$solutionVersionArn"),
        "MinProvisionedTPS": props.min_provisioned_tps,
    }
    create = call(
        scope,
        "Create the campaign",
        "personalize",
        "createCampaign",
        {"Name": props.name, **deployed},
        outputs={},
    )
    # A creation whose answer was lost has happened.
    create.add_catch(then, errors=["Personalize.ResourceAlreadyExistsException"], outputs={})
    failures.catch(retry_when_full(retry_when_throttled(create))).next(then)
    update = call(
        scope,
        "Update the campaign",
        "personalize",
        "updateCampaign",
        {"CampaignArn": props.arn, **deployed},
        outputs={},
    )
    update.add_catch(create, errors=["Personalize.ResourceNotFoundException"], outputs={})
    # It is still being created or updated by the run before.
    retry(
        update,
        ("Personalize.ResourceInUseException",),
        first_seconds=60,
        longest_seconds=300,
        attempts=12,
    )
    failures.catch(retry_when_throttled(update)).next(then)
    return update
