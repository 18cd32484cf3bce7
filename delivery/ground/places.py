"""Where the stacks of a stage are: its regions, by the beginning of their stacks' names."""

from collections.abc import Mapping, Sequence

from config.delivery import DELIVERY
from config.rules.delivery import delivery_problems
from config.rules.kinds import kind_problems
from config.stages import STAGES
from config.types.delivery import Delivery, Target
from config.types.errors import ConfigError
from config.types.stage_config import StageConfig
from delivery.ground.errors import NotDelivered

ROUTED_FROM = "us-east-1"
"""Where the stack `Routing` of a stage with a domain is."""


def checked(delivery: Delivery = DELIVERY, stages: Sequence[StageConfig] = STAGES) -> Delivery:
    """The delivery. Raises: ConfigError, with all problems of it."""
    kinds = tuple(kind_problems("delivery", delivery))
    if problems := kinds or tuple(delivery_problems(delivery, stages)):
        raise ConfigError(problems)
    return delivery


def target_of(stage: str) -> tuple[Target, StageConfig]:
    """Raises: NotDelivered, if nothing is deployed there after a merge; ConfigError, if the delivery is
    wrong.
    """
    delivery = checked()
    found = [target for target in delivery.targets if target.stage == stage]
    if not found:
        names = ", ".join(target.stage for target in delivery.targets)
        raise NotDelivered(f"{stage!r} is not delivered to: config/delivery.py has {names}")
    return found[0], next(one for one in STAGES if one.name == stage)


def bootstrapped(stage: StageConfig) -> tuple[str, ...]:
    """Regions that stacks of the stage are in."""
    routed = (ROUTED_FROM,) if stage.api.domain else ()
    return tuple(dict.fromkeys((*stage.regions, *routed)))


def prefixes(stage: StageConfig) -> Mapping[str, str]:
    """What names of stacks begin with, by region."""
    return {region: f"{stage.id_in(region)}-" for region in bootstrapped(stage)}


def serving_order(stage: StageConfig) -> tuple[str, ...]:
    """Regions that serve: what a change breaks is seen first where nobody trains."""
    return (*(region for region in stage.regions if region != stage.region), stage.region)
