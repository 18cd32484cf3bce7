"""The questions, by their names on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from config.notifications import NOTIFICATIONS
from config.schema import Personalize, StageConfig, UseCase, use_cases_in
from config.stages import STAGES
from config.use_cases import USE_CASES
from costs.estimating.estimate import stage_lines, use_case_lines
from costs.estimating.sizes import PEOPLE
from costs.estimating.templates import Misused
from costs.estimating.what_if import (
    FIRST,
    SECOND,
    for_whom,
    in_one_region,
    scheduled,
    with_own,
    with_personalize,
)
from costs.prices.items import Item
from costs.questions import break_even
from costs.questions.answer import Answer, Curve, Turn, said, turns
from costs.questions.world import World
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.training import campaign_line
from costs.usage.volumes import HOURS, Volumes

XS = tuple(float(people) for people in PEOPLE)
SIX_HOURLY, DAILY = "rate(6 hours)", "rate(1 day)"
GENERATIONS = {"first generation": FIRST, "second generation": SECOND}
UPKEEP = 350.0
"""US dollars a month of looking after models of one's own: the middle of what was published, 200 to 500."""


MODEL = (Group.IMPORT, Group.TRAINING, Group.LISTS)


def batch_or_campaign(world: World) -> Answer:
    """Lists made in batches and loaded, or a campaign: as it is asked, and if nobody asks, for 1 TPS."""
    nobody = replace(world.volumes, requests_per_day=0.0)
    curves: dict[str, Curve] = {}
    pairs, words = [], []
    for name, recipe in GENERATIONS.items():
        [use_case] = with_personalize([world.use_case], recipe)
        assert use_case.personalize
        make = _campaign(use_case.personalize)
        batch, asked, least = f"batch ({name})", f"campaign ({name})", f"idle campaign ({name})"
        curves[batch] = world.curve(
            use_case_lines, Group.LISTS, Group.LOADING, Group.REPLICA, use_case=use_case
        )
        curves[least] = world.curve(make, use_case=use_case, volumes=nobody)
        curves[asked] = world.curve(make, use_case=use_case)
        pairs += [(batch, asked), (batch, least)]
        words += _by_requests(world, use_case, curves[batch], name)
    words += [
        "imports and trainings are the same for both and left out",
        "an idle campaign is one that nobody asks, and that bills 1 TPS all the same: of the second "
        "generation that is open",
    ]
    return _answer(world, "batch or campaign", curves, pairs, words)


def _by_requests(world: World, use_case: UseCase, batch: Curve, name: str) -> list[str]:
    """At how many requests a day the answer turns, for as many people as there are."""
    people = float(world.volumes.people)
    variant = use_case.personalize
    assert variant

    def asked(requests: float) -> float:
        volumes = replace(world.volumes, requests_per_day=requests)
        return world.curve(_campaign(variant), use_case=use_case, volumes=volumes)(people)

    lists = batch(people)
    given = f"{people:,.0f} people, {name}"
    found = turns(("batch", lambda requests: lists), ("campaign", asked), (0.001, 0.1, 1.0, 10.0, 1000.0))
    if not found:
        return [f"{given}: lists, at {lists:,.2f} USD a month, are cheaper however rarely somebody asks"]
    return [
        f"{given}: a campaign is cheaper below {turn.x:.2g} requests a day of each active person"
        for turn in found
    ]


def v1_or_v2(world: World) -> Answer:
    """Import, training and lists of one use case by either generation of recipes."""
    curves = {}
    for name, recipe in GENERATIONS.items():
        [use_case] = with_personalize([world.use_case], recipe)
        curves[name] = world.curve(use_case_lines, *MODEL, use_case=use_case)
    people = float(world.volumes.people)

    def by_interactions(recipe: str) -> Curve:
        [use_case] = with_personalize([world.use_case], recipe)

        def at(number: float) -> float:
            volumes = replace(world.volumes, interactions_per_person=number)
            return world.curve(use_case_lines, *MODEL, use_case=use_case, volumes=volumes)(people)

        return at

    first, second = (
        ("first generation", by_interactions(FIRST)),
        ("second generation", by_interactions(SECOND)),
    )
    numbers = (0.1, 1.0, 10.0, 100.0, 1000.0)
    told = said(turns(first, second, numbers), first, second, numbers, "interactions a person")
    idle = world.prices.price(Item.TPS_HOUR, world.stage.region).of(HOURS)
    request = world.prices.price(Item.REQUESTS_SECOND, world.stage.region).usd / 1000
    return _answer(
        world,
        "first or second generation",
        curves,
        (("first generation", "second generation"),),
        [
            f"at {people:,.0f} people {told}",
            f"in real time, if a campaign of the second generation does not bill while nobody asks: it is "
            f"cheaper than 1 TPS of the first one ({idle:,.2f} USD) below "
            f"{idle / request:,.0f} requests a month",
        ],
    )


def how_often(world: World) -> Answer:
    """One use case that trains every day, four times a day, or when data has changed."""
    always = replace(world.volumes, changed_days=7.0)
    curves = {
        "daily (changed or not)": world.curve(
            use_case_lines, stage=scheduled(world.stage, DAILY), volumes=always
        ),
        "every six hours (changed or not)": world.curve(
            use_case_lines, stage=scheduled(world.stage, SIX_HOURLY), volumes=always
        ),
        "daily (when changed)": world.curve(use_case_lines, stage=scheduled(world.stage, DAILY)),
        "every six hours (when changed)": world.curve(
            use_case_lines, stage=scheduled(world.stage, SIX_HOURLY)
        ),
    }
    people = float(world.volumes.people)
    costs = {name: curve(people) for name, curve in curves.items()}

    def six_hourly(days: float) -> float:
        volumes = replace(world.volumes, changed_days=min(7.0, days))
        return world.curve(use_case_lines, stage=scheduled(world.stage, SIX_HOURLY), volumes=volumes)(people)

    daily = costs["daily (changed or not)"]
    found = turns(("six", six_hourly), ("daily", lambda days: daily), (0.05, 7.0))
    words = [f"{name}: {usd:,.2f} USD a month at {people:,.0f} people" for name, usd in costs.items()]
    words += [
        f"every six hours when changed costs as much as daily whatever happens where data changes on "
        f"{turn.x:.2f} of 7 days"
        for turn in found
    ]
    pairs = (
        ("daily (when changed)", "daily (changed or not)"),
        ("daily (changed or not)", "every six hours (when changed)"),
    )
    return _answer(world, "how often", curves, pairs, words)


def whom(world: World) -> Answer:
    """Lists for everybody, or for who was active lately."""
    everybody, active = (for_whom(world.stage, active=one) for one in (False, True))
    curves = {
        "everybody": world.curve(use_case_lines, stage=everybody),
        f"active people only ({world.volumes.active_share:.0%})": world.curve(use_case_lines, stage=active),
    }
    people = float(world.volumes.people)
    whole = curves["everybody"](people)

    def saved(share: float) -> float:
        volumes = replace(world.volumes, active_share=min(1.0, share))
        return 1 - world.curve(use_case_lines, stage=active, volumes=volumes)(people) / whole

    found = turns(("saved", saved), ("a tenth", lambda share: 0.1), (0.001, 1.0))
    words = [
        f"at {people:,.0f} people lists for active ones save {saved(world.volumes.active_share):.0%} "
        f"of {whole:,.2f} USD a month"
    ]
    words += [
        f"they save less than a tenth where more than {turn.x:.0%} of the people are active" for turn in found
    ]
    return _answer(world, "whom", curves, (tuple(curves),), words)


def personalize_or_own(world: World) -> Answer:
    """Import, training and lists of all use cases; with the upkeep of models of one's own, of all too.

    Raises: Misused, if the stage has none.
    """
    stage = world.stage
    there = use_cases_in(stage.name, stage.region, USE_CASES)
    if not there:
        raise Misused(f"stage {stage.name} has no use case in {stage.region}")

    def together(use_cases: Sequence[UseCase]) -> Curve:
        def lines(volumes: Volumes) -> list[Line]:
            settings = [Setting(stage=stage, use_case=one, volumes=volumes) for one in use_cases]
            return [line for setting in settings for line in use_case_lines(setting)]

        return world.whole(lines, *MODEL)

    number = f"{len(there)} use cases" if len(there) > 1 else "1 use case"
    ours = together(with_own(there))
    personalize, own, kept = (
        f"Personalize ({number})",
        f"own ({number})",
        f"own ({number}, {UPKEEP:,.0f} of upkeep)",
    )
    curves: dict[str, Curve] = {
        personalize: together(with_personalize(there)),
        own: ours,
        kept: lambda people: ours(people) + UPKEEP,
    }
    when = break_even.months(break_even.ONCE, break_even.BEFORE, break_even.AFTER)
    return _answer(
        world,
        "Personalize or own",
        curves,
        ((personalize, own), (personalize, kept)),
        [
            f"imports, trainings and lists of all use cases of the stage on both sides, since the upkeep of "
            f"{UPKEEP:,.0f} USD a month, the middle of what was published, is that of the whole engine, "
            "however many there are",
            f"what was published (8,000 to 15,000 once, 400 to 800 a month before, 200 to 500 after) pays "
            f"after {when.best:.0f} months at best, {when.middle:.0f} by the middles, and in the "
            "worst case never; the published 12 to 18 months do not follow from it",
        ],
    )


def regions(world: World) -> Answer:
    """The stage with its other regions, or with one alone.

    Raises: Misused, if it has no other.
    """
    if len(world.stage.regions) < 2:
        several = ", ".join(stage.name for stage in STAGES if len(stage.regions) > 1)
        raise Misused(
            f"stage {world.stage.name} has one region only, {world.stage.region}: ask of one that has more "
            f"({several or 'none has'})"
        )

    def of(stage: StageConfig, counted: Sequence[Line]) -> Curve:
        return world.whole(lambda volumes: stage_lines(stage, USE_CASES, NOTIFICATIONS, volumes, counted))

    two, one = of(world.stage, world.counted), of(in_one_region(world.stage), world.alone)
    more = f"{len(world.stage.regions)} regions"
    curves: dict[str, Curve] = {more: two, "one region": one}
    fixed = two(1.0) - one(1.0)
    people = float(world.volumes.people)
    words = [
        f"the other regions cost {fixed:,.2f} USD a month even for nobody, and "
        f"{two(people) - one(people):,.2f} at {people:,.0f} people: what is there, what watches them from "
        "the first region too, and copies of lists and notifications"
    ]
    found = turns(("copies", lambda x: two(x) - one(x) - fixed), ("fixed", lambda x: fixed), XS)
    words += [f"from {turn.x:,.0f} people on their copies cost more than their being there" for turn in found]
    return _answer(world, "one region or more", curves, ((more, "one region"),), words)


REGIONS = "regions"
"""Of all questions the one that is about templates."""
QUESTIONS: Mapping[str, Callable[[World], Answer]] = {
    "batch-or-campaign": batch_or_campaign,
    "v1-or-v2": v1_or_v2,
    "how-often": how_often,
    "whom": whom,
    "personalize-or-own": personalize_or_own,
    REGIONS: regions,
}


def _campaign(variant: Personalize) -> Callable[[Setting], Sequence[Line]]:
    return lambda setting: [campaign_line(setting, variant, 1)]


def _answer(
    world: World,
    question: str,
    curves: Mapping[str, Curve],
    pairs: Sequence[tuple[str, ...]],
    words: Sequence[str],
) -> Answer:
    found: list[Turn] = []
    sentences = []
    for first, second in pairs:
        one, other = (first, curves[first]), (second, curves[second])
        met = turns(one, other, XS)
        found += met
        sentences.append(said(met, one, other, XS, "people"))
    series = {name: [(x, max(curve(x), 1e-3)) for x in XS] for name, curve in curves.items()}
    rests_on = (f"volumes: {', '.join(world.volumes.all_said)}", *sorted(world.doubts))
    return Answer(question, "people", series, tuple(found), (*sentences, *words), rests_on)
