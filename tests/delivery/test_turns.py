"""In which order the stacks of a stage are deployed, what watches them, and what is left to people."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.types.delivery import ALARM_LIMIT
from delivery.ground.errors import NotDelivered
from delivery.stacks.deployed import Deployed
from delivery.stacks.turns import Turns, turns
from review.planning.deploy_plan import refusals
from review.reading.assemblies import Stack

HOME, AWAY = "eu-west-1", "eu-central-1"
REGIONS = {AWAY: "healthy", HOME: "healthy"}
TABLE = "recs-shop-serving"
ALARMS = ("ApiSlow0A1B2C3D", "ApiFailed9DFE7264", "CanaryEuWest1Unavailable109DF55B", "PostsStaleF87BABFC")


def stack(
    kind: str,
    region: str = HOME,
    *,
    version: int = 1,
    replicas: tuple[str, ...] = (),
    reads: bool = False,
    alarms: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Stack:
    """replicas: of a table that is the stack's. reads: the table, by its name."""
    resources: dict[str, Any] = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": version}}}
    if replicas:
        members = [{"Region": one, "DeletionProtectionEnabled": False} for one in replicas]
        table = {"TableName": TABLE, "Replicas": members}
        resources["Table"] = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": table}
    if reads:
        resources["Use"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": TABLE}}
    for name in alarms:
        resources[name] = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}}
    name = f"Shop-{region}-{kind}"
    needed = frozenset(f"Shop-{region}-{one}" for one in needs)
    return Stack(name, f"Shop-{region}/{kind}", "1", region, {"Resources": resources}, needed)


def estate(*stacks: Stack) -> dict[str, Stack]:
    return {one.name: one for one in stacks}


def there(*stacks: Stack) -> Deployed:
    """Deployed, each alarm under a name of its own."""
    alarms = {
        one.name: {
            key: f"arn:aws:cloudwatch:{one.region}:1:alarm:{key}"
            for key, resource in one.template["Resources"].items()
            if resource["Type"] == "AWS::CloudWatch::Alarm"
        }
        for one in stacks
    }
    return Deployed(estate(*stacks), alarms)


def names(found: Turns) -> list[str]:
    return [turn.stack.removeprefix("Shop-") for turn in found.turns]


def test_code_goes_to_the_other_regions_before_it_goes_to_the_primary() -> None:
    old = [
        stack("Data", replicas=(HOME, AWAY)),
        stack("Serving", needs=("Data",)),
        stack("Serving", AWAY, reads=True),
    ]
    new = [
        old[0],
        stack("Serving", version=2, needs=("Data",)),
        stack("Serving", AWAY, reads=True, version=2),
    ]

    found = turns(there(*old), estate(*new), REGIONS, 5)

    assert names(found) == [f"{AWAY}-Serving", f"{HOME}-Serving"]
    assert [turn.smoke for turn in found.turns] == ["healthy", "healthy"]


def test_a_table_is_copied_by_the_primary_before_a_new_region_reads_it() -> None:
    old = [stack("Data", replicas=(HOME,)), stack("Serving", needs=("Data",))]
    new = [
        stack("Data", replicas=(HOME, AWAY)),
        stack("Serving", version=2, needs=("Data",)),
        stack("Serving", AWAY, reads=True),
        stack("Observability", AWAY, needs=("Serving",)),
    ]

    found = turns(there(*old), estate(*new), REGIONS | {AWAY: "answers"}, 5)

    assert names(found) == [f"{HOME}-Data", f"{AWAY}-Serving", f"{AWAY}-Observability", f"{HOME}-Serving"]
    assert [turn.smoke for turn in found.turns] == ["", "", "answers", "healthy"]


def test_what_is_as_it_should_be_has_no_turn() -> None:
    assert turns(there(stack("Data")), estate(stack("Data")), REGIONS, 5) == Turns((), ())


def test_alarms_that_are_there_and_stay_watch_what_readers_would_notice() -> None:
    old = [
        stack("Serving"),
        stack("Observability", alarms=ALARMS),
        stack("Observability", AWAY, alarms=ALARMS),
    ]
    kept = tuple(one for one in ALARMS if not one.startswith("Canary"))
    new = [stack("Serving", version=2), stack("Observability", alarms=(*kept, "ServingSystemErrors9CDE1A3F"))]

    serving, watching = turns(there(*old), estate(*new, old[2]), REGIONS, 15).turns

    prefix = f"arn:aws:cloudwatch:{HOME}:1:alarm:"
    assert serving.alarms.split() == [prefix + "ApiFailed9DFE7264", prefix + "ApiSlow0A1B2C3D"]
    assert (serving.bake, watching.bake) == (15, 0)
    [first] = turns(there(), estate(stack("Serving")), REGIONS, 15).turns
    assert (first.alarms, first.bake) == ("none", 0), "of a first deployment"


def test_no_more_alarms_watch_than_cloudformation_takes() -> None:
    many = tuple(
        f"Canary{region}Unavailable0000000{n}" for n, region in enumerate(["A", "B", "C", "D", "E", "F"])
    )
    old = [stack("Serving"), stack("Canary", alarms=(*many, *ALARMS))]

    [turn] = turns(there(*old), estate(stack("Serving", version=2), old[1]), REGIONS, 15).turns

    assert len(turn.alarms.split()) == ALARM_LIMIT
    assert turn.alarms.split()[0].endswith(":ApiFailed9DFE7264")


def test_stacks_that_nobody_needs_are_left_to_people() -> None:
    found = turns(there(stack("Data"), stack("Old")), estate(stack("Data", version=2)), REGIONS, 5)

    assert (names(found), found.left) == ([f"{HOME}-Data"], (f"Shop-{HOME}-Old",))


def test_a_change_that_takes_several_deployments_of_a_stack_is_refused_before_any_of_them() -> None:
    old, new = stack("Data", replicas=(HOME,)), stack("Data", replicas=(HOME, AWAY, "eu-west-2"))

    with pytest.raises(NotDelivered) as refused:
        turns(there(old), estate(new), REGIONS, 5)

    assert "nothing has been done" in str(refused.value)
    assert f"with only the replica in {AWAY} added to {TABLE}" in str(refused.value)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(("Data", "Serving", "Canary")), st.sampled_from((HOME, AWAY))),
        st.sampled_from((0, 1, 2)),
    ),
    st.booleans(),
)
def test_nothing_stands_against_the_order_and_each_region_is_asked_once(
    versions: dict[tuple[str, str], int], copied: bool
) -> None:
    """versions: of each stack before, 0: it was not there; it is 2 now. copied: whether the primary's table
    was in the other region before, without which nothing was there that reads it.
    """
    owner = ("Data", HOME)
    copied = copied and versions.get(owner, 0) > 0

    def made(key: tuple[str, str], version: int, regions: tuple[str, ...]) -> Stack:
        owns, reads = key == owner, key[1] == AWAY and owner in versions
        return stack(*key, version=version, reads=reads, replicas=regions if owns else ())

    after = [made(key, 2, (HOME, AWAY)) for key in versions]
    before = [
        made(key, version, (HOME, AWAY) if copied else (HOME,))
        for key, version in versions.items()
        if version and (copied or key[1] == HOME or owner not in versions)
    ]

    found = turns(there(*before), estate(*after), REGIONS, 5)

    assert refusals(estate(*before), estate(*after), [turn.stack for turn in found.turns]) == []
    asked = [turn.region for turn in found.turns if turn.smoke]
    assert sorted(asked) == sorted({turn.region for turn in found.turns})
    assert [turn.number for turn in found.turns] == list(range(1, len(found.turns) + 1))
