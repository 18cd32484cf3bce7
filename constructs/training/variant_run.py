"""What a run does for one variant, once there is something new: a model, its lists, their publication."""

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.training.campaign import CONSEQUENCES, CampaignProps, Endings, follow_model
from constructs.training.datasets import IS_NEW, ComparisonProps
from constructs.training.publishing import PublishingProps, publish_recommendations
from constructs.workflow.failure import FailureRoute

Make = Callable[[Construct, sfn.IChainable, FailureRoute], sfn.IChainable]
"""The variant's own states: what follows them and where failures go in, their first state out."""


@dataclass(frozen=True, kw_only=True)
class VariantRunProps:
    """make: from datasets to judged batch output; another variant is another such fragment. campaign: follows
    the published model.
    """

    variant: str
    comparison: ComparisonProps
    make: Make
    publishing: PublishingProps
    campaign: CampaignProps | None = None

    @property
    def consequences(self) -> dict[str, str]:
        return CONSEQUENCES if self.campaign else {}


@dataclass(frozen=True, kw_only=True)
class Beginnings:
    """The first state of what follows a comparison, with something new and without."""

    new: sfn.IChainable
    unchanged: sfn.IChainable


def variant_run(
    scope: Construct, props: VariantRunProps, *, then: Endings, failures: FailureRoute
) -> Beginnings:
    """Reads the variables run, expires, datasets, force and comparison."""
    if props.campaign:
        then = follow_model(scope, props.campaign, then=then, is_new=IS_NEW, failures=failures)
    publish = publish_recommendations(scope, props.publishing, then=then.published, failures=failures)
    return Beginnings(new=props.make(scope, publish, failures), unchanged=then.unchanged)
