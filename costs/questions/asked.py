"""The questions, by their names on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from config.schema import Personalize, StageConfig, UseCase
from config.use_cases import USE_CASES
from costs.estimating.estimate import priced, stage_lines, use_case_lines
from costs.estimating.sizes import PEOPLE, lists_for_people
from costs.estimating.what_if import (
    FIRST,
    SECOND,
    for_whom,
    in_one_region,
    scheduled,
    with_own,
    with_personalize,
)
from costs.prices.catalogue import Catalogue
from costs.prices.items import Item
from costs.questions import break_even
from costs.questions.answer import Answer, Curve, Turn, said, turns
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.training import campaign_line
from costs.usage.volumes import HOURS, Volumes

XS = tuple(float(people) for people in PEOPLE)
SIX_HOURLY, DAILY = "rate(6 hours)", "rate(1 day)"
GENERATIONS = {"first generation": FIRST, "second generation": SECOND}
UPKEEP = 350.0
"""US dollars a month of looking after models of one's own: the middle of what was published, 200 to 500."""


@dataclass(frozen=True)
class World:
    """What the questions are asked of; one use case of lists for people stands for all."""

    stage: StageConfig
    volumes: Volumes
    prices: Catalogue
    today: date
    counted: Sequence[Line] = ()

    @property
    def use_case(self) -> UseCase:
        """Raises: Refused, if nothing is recommended to people."""
        return lists_for_people()

    def usd(self, lines: Sequence[Line], *groups: Group) -> float:
        return priced(
            [line for line in lines if not groups or line.group in groups], self.prices, self.today
        ).usd

    def curve(
        self,
        make: Callable[[Setting], Sequence[Line]],
        *groups: Group,
        stage: StageConfig | None = None,
        use_case: UseCase | None = None,
        volumes: Volumes | None = None,
    ) -> Curve:
        """US dollars a month by people."""

        def at(people: float) -> float:
            setting = Setting(
                stage=stage or self.stage,
                use_case=use_case or self.use_case,
                volumes=replace(volumes or self.volumes, people=round(people)),
            )
            return self.usd(make(setting), *groups)

        return at


MODEL = (Group.IMPORT, Group.TRAINING, Group.LISTS)


def batch_or_campaign(world: World) -> Answer:
    """Lists of the audience, made in batches and loaded, or a campaign of one TPS or as many as are asked."""
    nobody = replace(world.volumes, requests_per_day=0.0)
    curves: dict[str, Curve] = {}
    pairs, words = [], []
    for name, recipe in GENERATIONS.items():
        [use_case] = with_personalize([world.use_case], recipe)
        assert use_case.personalize
        make = _campaign(use_case.personalize)
        batch, least, asked = f"batch, {name}", f"campaign, {name}, 1 TPS", f"campaign, {name}, as asked"
        curves[batch] = world.curve(
            use_case_lines, Group.LISTS, Group.LOADING, Group.REPLICA, use_case=use_case
        )
        curves[least] = world.curve(make, use_case=use_case, volumes=nobody)
        curves[asked] = world.curve(make, use_case=use_case)
        pairs.append((batch, least))
        words += _by_requests(world, use_case, curves[batch], name)
    words += [
        "imports and trainings are the same for both and left out",
        "a campaign of the second generation is counted as if it billed 1 TPS while nobody asks: open",
    ]
    return _answer("batch or campaign", curves, pairs, words)


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
        return [f"{given}: lists at {lists:,.2f} USD are the cheaper ones however rarely somebody asks"]
    return [
        f"{given}: a campaign is the cheaper one below {turn.x:.2g} requests a day of each active person"
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
        "first or second generation",
        curves,
        (("first generation", "second generation"),),
        [
            f"{people:,.0f} people: {told}",
            f"in real time, if a campaign of the second generation does not bill while nobody asks: it is "
            f"cheaper than 1 TPS of the first one ({idle:,.2f} USD) below "
            f"{idle / request:,.0f} requests a month",
        ],
    )


def how_often(world: World) -> Answer:
    """One use case that trains every day, four times a day, or when data has changed."""
    always = replace(world.volumes, changed_days=7.0)
    curves = {
        "daily, changed or not": world.curve(
            use_case_lines, stage=scheduled(world.stage, DAILY), volumes=always
        ),
        "every six hours, changed or not": world.curve(
            use_case_lines, stage=scheduled(world.stage, SIX_HOURLY), volumes=always
        ),
        "daily, when changed": world.curve(use_case_lines, stage=scheduled(world.stage, DAILY)),
        "every six hours, when changed": world.curve(
            use_case_lines, stage=scheduled(world.stage, SIX_HOURLY)
        ),
    }
    people = float(world.volumes.people)
    costs = {name: curve(people) for name, curve in curves.items()}

    def six_hourly(days: float) -> float:
        volumes = replace(world.volumes, changed_days=min(7.0, days))
        return world.curve(use_case_lines, stage=scheduled(world.stage, SIX_HOURLY), volumes=volumes)(people)

    daily = costs["daily, changed or not"]
    found = turns(("six", six_hourly), ("daily", lambda days: daily), (0.05, 7.0))
    words = [f"{name}: {usd:,.2f} USD a month at {people:,.0f} people" for name, usd in costs.items()]
    words += [
        f"every six hours when changed costs as much as daily whatever happens where data changes on "
        f"{turn.x:.2f} of 7 days"
        for turn in found
    ]
    return _answer("how often", curves, (("daily, changed or not", "every six hours, when changed"),), words)


def whom(world: World) -> Answer:
    """Lists for everybody, or for who was active lately."""
    everybody, active = (for_whom(world.stage, active=one) for one in (False, True))
    curves = {
        "everybody": world.curve(use_case_lines, stage=everybody),
        f"active people ({world.volumes.active_share:.0%})": world.curve(use_case_lines, stage=active),
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
    return _answer("whom", curves, (tuple(curves),), words)


def personalize_or_own(world: World) -> Answer:
    """Import, training and lists of one use case; with what looking after models of one's own costs."""
    [batch], [own] = with_personalize([world.use_case]), with_own([world.use_case])
    ours = world.curve(use_case_lines, *MODEL, use_case=own)
    curves: dict[str, Curve] = {
        "Personalize": world.curve(use_case_lines, *MODEL, use_case=batch),
        "own": ours,
        f"own, with {UPKEEP:,.0f} of upkeep": lambda people: ours(people) + UPKEEP,
    }
    when = break_even.months(break_even.ONCE, break_even.BEFORE, break_even.AFTER)
    return _answer(
        "Personalize or own",
        curves,
        (("Personalize", "own"), ("Personalize", f"own, with {UPKEEP:,.0f} of upkeep")),
        [
            f"what was published (8,000 to 15,000 once, 400 to 800 a month before, 200 to 500 after) pays "
            f"after {when.best:.0f} months at best, {when.middle:.0f} by the middles, and in the "
            "worst case never; the published 12 to 18 months do not follow from it"
        ],
    )


def regions(world: World) -> Answer:
    """The stage with its other regions, or with one alone."""
    alone = in_one_region(world.stage)
    there = [line for line in world.counted if line.where.region == alone.region]

    def whole(stage: StageConfig, counted: Sequence[Line]) -> Curve:
        def at(people: float) -> float:
            volumes = replace(world.volumes, people=round(people))
            return world.usd(stage_lines(stage, USE_CASES, (), volumes, counted))

        return at

    two, one = whole(world.stage, world.counted), whole(alone, there)
    more = f"{len(world.stage.regions)} regions"
    curves: dict[str, Curve] = {more: two, "one region": one}
    fixed = two(1.0) - one(1.0)
    people = float(world.volumes.people)
    words = [
        f"the other regions cost {fixed:,.2f} USD a month even for nobody, and "
        f"{two(people) - one(people):,.2f} at {people:,.0f} people"
    ]
    found = turns(("lists", lambda x: two(x) - one(x) - fixed), ("fixed", lambda x: fixed), XS)
    words += [f"from {turn.x:,.0f} people on their lists cost more than their being there" for turn in found]
    return _answer("one region or more", curves, ((more, "one region"),), words)


QUESTIONS: Mapping[str, Callable[[World], Answer]] = {
    "batch-or-campaign": batch_or_campaign,
    "v1-or-v2": v1_or_v2,
    "how-often": how_often,
    "whom": whom,
    "personalize-or-own": personalize_or_own,
    "regions": regions,
}


def _campaign(variant: Personalize) -> Callable[[Setting], Sequence[Line]]:
    return lambda setting: [campaign_line(setting, variant, 1)]


def _answer(
    question: str, curves: Mapping[str, Curve], pairs: Sequence[tuple[str, ...]], words: Sequence[str]
) -> Answer:
    found: list[Turn] = []
    sentences = []
    for first, second in pairs:
        one, other = (first, curves[first]), (second, curves[second])
        met = turns(one, other, XS)
        found += met
        sentences.append(said(met, one, other, XS, "people"))
    series = {name: [(x, max(curve(x), 1e-3)) for x in XS] for name, curve in curves.items()}
    return Answer(question, "people", series, tuple(found), (*sentences, *words))
