"""The campaign of a use case: it follows the model whose recommendations have been published.

It cannot be in a template: Amazon Personalize wants a trained model first. And a campaign that follows the
newest version by itself would also follow one that was judged worse.

Every run that finds nothing new looks whether it does follow: it may have failed after a publication.
"""

from dataclasses import dataclass

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import call, expression
from constructs.workflow.refusals import persist, retry_when_full, retry_while_in_use

_LOOK, _UPDATE, _CREATE = "Look at the campaign", "Update the campaign", "Create the campaign"
CONSEQUENCES = dict.fromkeys(
    (_LOOK, _UPDATE, _CREATE),
    "The recommendations published last are being served, but the campaign does not follow their model yet. "
    "The next run tries again.",
)
"""By step: what it means when it fails."""

_FOLLOWS = """(
  $campaign := $states.result.Campaign;
  $update := $campaign.LatestCampaignUpdate;
  $newest := $exists($update) and $update.Status != 'CREATE FAILED' ? $update : $campaign;
  $campaign.Status != 'CREATE FAILED'
    and $newest.SolutionVersionArn = $comparison.solutionVersionArn
    and $newest.MinProvisionedTPS = %d
)"""
"""Or will: an update that is under way counts, one that has failed does not."""


@dataclass(frozen=True, kw_only=True)
class CampaignProps:
    """min_provisioned_tps: transactions per second that are paid for, used or not; at least 1."""

    name: str
    arn: str
    min_provisioned_tps: int = 1


@dataclass(frozen=True, kw_only=True)
class Endings:
    """What follows a publication, and what follows when there is nothing new."""

    published: sfn.IChainable
    unchanged: sfn.IChainable


def follow_model(
    scope: Construct, props: CampaignProps, *, then: Endings, is_new: str, failures: FailureRoute
) -> Endings:
    """Before these endings. Readers are served by the old model until the new one is up.

    Reads the variables solutionVersionArn, after a publication, and comparison. is_new: JSONata that tells
    one ending from the other.
    """
    end = (
        sfn.Choice.jsonata(scope, "Was there anything new?", outputs={})
        .when(sfn.Condition.jsonata(expression(is_new)), then.published)
        .otherwise(then.unchanged)
    )
    update, create = _deployment(scope, props, then=end, failures=failures)
    version = {"solutionVersionArn": expression("$comparison.solutionVersionArn")}
    look = call(
        scope,
        _LOOK,
        "personalize",
        "describeCampaign",
        {"CampaignArn": props.arn},
        assign={**version, "follows": expression(" ".join((_FOLLOWS % props.min_provisioned_tps).split()))},
        outputs={},
    )
    look.add_catch(create, errors=["Personalize.ResourceNotFoundException"], outputs={}, assign=dict(version))
    persist(look, failures).next(
        sfn.Choice.jsonata(scope, "Does the campaign follow?", outputs={})
        .when(sfn.Condition.jsonata(expression("$follows")), then.unchanged)
        .otherwise(update)
    )
    return Endings(published=update, unchanged=look)


def _deployment(
    scope: Construct, props: CampaignProps, *, then: sfn.IChainable, failures: FailureRoute
) -> tuple[sfn.IChainable, sfn.IChainable]:
    """The update, which goes on to the creation when there is no campaign, and the creation."""
    deployed = {
        "SolutionVersionArn": expression("$solutionVersionArn"),
        "MinProvisionedTPS": props.min_provisioned_tps,
    }
    create = call(
        scope,
        _CREATE,
        "personalize",
        "createCampaign",
        {"Name": props.name, **deployed},
        outputs={},
    )
    # A creation whose answer was lost has happened.
    create.add_catch(then, errors=["Personalize.ResourceAlreadyExistsException"], outputs={})
    persist(retry_while_in_use(retry_when_full(create)), failures).next(then)
    update = call(
        scope,
        _UPDATE,
        "personalize",
        "updateCampaign",
        {"CampaignArn": props.arn, **deployed},
        outputs={},
    )
    update.add_catch(create, errors=["Personalize.ResourceNotFoundException"], outputs={})
    # It is still being created or updated by the run before.
    persist(retry_while_in_use(update), failures).next(then)
    return update, create
