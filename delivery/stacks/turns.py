"""Which stacks of a stage are deployed after a change, one after the other, and what watches each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from delivery.ground.errors import NotDelivered
from delivery.stacks.alarms import guards
from delivery.stacks.deployed import Deployed
from review.planning.deploy_plan import Deployment, DeployPlan, deploy_plan, lines_of
from review.reading.assemblies import Estate

NO_ALARMS = "none"
"""What the CDK's command line takes for: no alarm, and take off those of the deployment before."""
_WATCHERS = ("Observability", "Canary", "Routing")
"""Stacks of which readers notice nothing: no bake time."""
_DEPLOY, _DELETE = "deploy", "delete"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A stack's deployment. id: by which the CDK's command line knows the stack. alarms: ARNs with blanks
    between them, or `none`. smoke: what is expected of the region's API afterwards, as nothing more is done
    there; empty: it is not asked.
    """

    number: int
    stack: str
    id: str
    region: str
    alarms: str
    bake: int
    smoke: str


@dataclass(frozen=True)
class Turns:
    """left: stacks that nobody needs any more. A pipeline deletes nothing."""

    turns: tuple[Turn, ...]
    left: tuple[str, ...]

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(turn) for turn in self.turns]


def turns(before: Deployed, after: Estate, regions: Mapping[str, str], bake_minutes: int) -> Turns:
    """regions: those that serve, in the order in which they come as far as nothing stands against it, and
    what is expected of their APIs.

    Raises: NotDelivered, if the change wants more than a deployment per stack.
    """
    plan = deploy_plan(before.stacks, ordered(after, [*regions]))
    deployments = _whole(plan)
    last = {one.target.region: one.stack for one in deployments if one.target}
    made = []
    for number, one in enumerate(deployments, start=1):
        region = after[one.stack].region
        alarms = guards(region, before, after)
        watched = alarms and one.id.rpartition("/")[2] not in _WATCHERS
        made.append(
            Turn(
                number=number,
                stack=one.stack,
                id=one.id,
                region=region,
                alarms=" ".join(alarms) or NO_ALARMS,
                bake=bake_minutes if watched else 0,
                smoke=regions.get(region, "") if last[region] == one.stack else "",
            )
        )
    return Turns(tuple(made), tuple(one.stack for one in plan.deployments if one.target is None))


def ordered(estate: Estate, regions: Sequence[str]) -> Estate:
    """By the place of a stack's region in `regions`, those of other regions first."""

    def place(name: str) -> int:
        region = estate[name].region
        return regions.index(region) if region in regions else -1

    return {name: estate[name] for name in sorted(estate, key=place)}


def _whole(plan: DeployPlan) -> list[Deployment]:
    """Those of stacks that are to be. Raises: NotDelivered, if one of them is in parts, or waits for a stack
    to go.
    """
    kinds = [one.what for one in plan.deployments]
    deploys = [one for one in plan.deployments if one.what == _DEPLOY]
    if plan.stuck or kinds != [*(_DEPLOY for _ in deploys), *(_DELETE for _ in kinds[len(deploys) :])]:
        raise NotDelivered(
            "\n".join(
                (
                    "more is needed than each changed stack deployed once, and nothing has been done:",
                    *lines_of(plan),
                    "Divide the change into several, or take these steps by hand (docs/delivery.md).",
                )
            )
        )
    return deploys
