"""`page`: a page like docs/costs.md, of the configuration, the templates of production and the prices."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from config.schema import StageConfig, Tier, UseCase
from config.stages import STAGES
from costs.estimating.estimate import Estimate, Priced, fixed_of, priced, use_case_lines
from costs.estimating.sizes import lists_for_people, of_stage, variants_of
from costs.estimating.templates import Refused, synthesised
from costs.estimating.what_if import (
    FIRST,
    SECOND,
    fixed_alone,
    for_whom,
    scheduled,
    with_own,
    with_personalize,
)
from costs.prices.catalogue import catalogue
from costs.prices.price import Grade
from costs.questions.asked import DAILY, MODEL, QUESTIONS, REGIONS
from costs.questions.published import EXAMPLES, corrected, inconsistencies
from costs.questions.world import World
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack

SIZES = tuple(example.people for example in EXAMPLES)
VOLUMES = Volumes(active_share=0.3, changed_days=5.0)
_GROUPS = {
    Group.IMPORT: "imports",
    Group.TRAINING: "training",
    Group.LISTS: "lists (batch, or functions)",
    Group.RUNS: "functions and transitions of runs",
    Group.LOADING: "lists into the table",
    Group.REPLICA: "the replica's copies and deletions",
    Group.STORAGE: "tables, recovery, files",
    Group.SERVING: "readers, and campaigns",
    Group.EVENTS: "events",
    Group.NOTIFICATIONS: "notifications",
}


def run(arguments: Sequence[str]) -> int:
    """Raises: UnknownPrice, BadPrices, Refused."""
    argparse.ArgumentParser(prog="python -m costs page", description=__doc__).parse_args(arguments)
    stage = production()
    print(text(synthesised(stage), fixed_alone(stage)), end="")
    return 0


def text(stacks: Sequence[Stack], alone: Sequence[Line]) -> str:
    """stacks: of production. alone: what would be counted in them if it had one region only.

    Raises: UnknownPrice, BadPrices, Refused.
    """
    parts = (_TOP, _prices(), _production(stacks), _alike(), _published(), _questions(stacks, alone), _REST)
    return "\n\n".join(part.strip() for part in parts) + "\n"


def newest_price() -> date:
    """The day that the page is made for, so that it stays the same until prices change."""
    return max(price.as_of for prices in catalogue().by_region.values() for price in prices.values())


def _prices() -> str:
    rows: list[tuple[str, ...]] = [("region", "published", "assumed", "oldest", "newest")]
    for region, prices in sorted(catalogue().by_region.items()):
        grades = [price.grade for price in prices.values()]
        days = sorted(price.as_of.isoformat() for price in prices.values())
        counts = (grades.count(grade) for grade in (Grade.PUBLISHED, Grade.ASSUMED))
        rows.append((region, *map(str, counts), days[0], days[-1]))
    return f"## Prices\n\n{_PRICES.strip()}\n\n{_grid(rows)}"


def _production(stacks: Sequence[Stack]) -> str:
    parts = ["## Production as configured", _PRODUCTION.strip()]
    stage = production()
    today, counted = newest_price(), fixed_of(stage, stacks)
    for name, use_cases in variants_of(stage.name).items():
        found = [of_stage(stage, use_cases, replace(VOLUMES, people=size), today, counted) for size in SIZES]
        rows = [("US dollars a month", *(f"{size:,} people" for size in SIZES))]
        for group, words in _GROUPS.items():
            sums = [estimate.of(group) for estimate in found]
            if any(sums):
                star = _star(one for estimate in found for one in estimate.lines if one.line.group is group)
                rows.append((f"{words}{star}", *(f"{usd:,.2f}" for usd in sums)))
        rows += list(_fixed(found))
        rows.append(("**together**", *(f"**{estimate.usd:,.2f}**" for estimate in found)))
        share = [
            sum(one.usd for one in estimate.lines if one.price.grade is Grade.ASSUMED) / estimate.usd
            for estimate in found
        ]
        rows.append(("of it by assumed prices", *(f"{part:.0%}" for part in share)))
        parts.append(f"### {name}\n\n{_grid(rows)}")
    return "\n\n".join(parts)


def _fixed(found: Sequence[Estimate]) -> Iterator[tuple[str, ...]]:
    """A line for each thing that is there whatever the volumes are."""
    sums = [
        estimate.by(lambda line: _fixed_name(line) if line.group is Group.FIXED else "") for estimate in found
    ]
    for what in sorted(set().union(*sums) - {""}, key=lambda what: (-sums[0].get(what, 0), what)):
        if max(one.get(what, 0.0) for one in sums) >= 0.05:
            star = _star(one for one in found[0].lines if _fixed_name(one.line) == what)
            yield (f"fixed, {what}{star}", *(f"{one.get(what, 0.0):,.2f}" for one in sums))


def _fixed_name(line: Line) -> str:
    return f"{line.where.region}: {line.what}"


def _star(lines: Iterable[Priced]) -> str:
    return " *" if any(one.price.grade is Grade.ASSUMED for one in lines) else ""


def _alike() -> str:
    """One use case, imports, training and lists only, held against what was published."""
    rows = [("one use case, a month", *(f"{size:,} people" for size in SIZES))]
    bills = [sum(example.batch.values()) for example in EXAMPLES]
    rows.append(("published: first generation, daily, everybody", *(f"{usd:,.2f}" for usd in bills)))
    for name, usd in alike().items():
        rows.append((name, *(f"{one:,.2f} ({one / bill:.1%})" for one, bill in zip(usd, bills, strict=True))))
    return f"## Like for like\n\n{_ALIKE.strip()}\n\n{_grid(rows)}\n\n{_ALIKE_SAYS.strip()}"


def alike() -> dict[str, list[float]]:
    """US dollars of each size by what is done otherwise than in the published calculation."""
    [first], [second] = (with_personalize([_case()], recipe) for recipe in (FIRST, SECOND))
    [own] = with_own([_case()])
    return {
        "first generation, when changed, active people": _model(first, always=False),
        "second generation, daily, everybody": _model(second, always=True),
        "second generation, when changed, active people": _model(second, always=False),
        "own, daily, everybody": _model(own, always=True),
        "own, when changed, active people": _model(own, always=False),
    }


def _model(use_case: UseCase, *, always: bool) -> list[float]:
    stage = scheduled(for_whom(production(), active=not always), DAILY)
    found = []
    for size in SIZES:
        volumes = replace(VOLUMES, people=size, changed_days=7.0 if always else VOLUMES.changed_days)
        lines = use_case_lines(Setting(stage=stage, use_case=use_case, volumes=volumes))
        chosen = [line for line in lines if line.group in MODEL]
        found.append(priced(chosen, catalogue(), newest_price()).usd)
    return found


def production() -> StageConfig:
    """The first stage whose tier is that. Raises: Refused, if there is none."""
    for stage in STAGES:
        if stage.tier is Tier.PRODUCTION:
            return stage
    raise Refused("no stage has the tier production: the page is made of one")


def _case() -> UseCase:
    return lists_for_people()


def _published() -> str:
    rows = [("US dollars of 30 days", *(f"{one.people:,} people" for one in EXAMPLES))]
    for part in ("import", "training", "lists"):
        rows.append((part, *(f"{one.batch[part]:,.2f}" for one in EXAMPLES)))
    rows.append(("**together, batch**", *(f"**{sum(one.batch.values()):,.2f}**" for one in EXAMPLES)))
    rows.append(("a campaign in place of lists", *(f"{one.realtime['campaign']:,.2f}" for one in EXAMPLES)))
    rows.append(("**together, real time**", *(f"**{sum(one.realtime.values()):,.2f}**" for one in EXAMPLES)))
    rows.append(
        ("corrected: bytes, tiers, 730 hours", *(f"{sum(corrected(one).values()):,.2f}" for one in EXAMPLES))
    )
    wrong = []
    for number, one in enumerate(inconsistencies(), start=1):
        figures = " / ".join(f"{usd:,.2f}" for usd in (one.corrected or {}).values())
        wrong.append(f"{number}. {one.what}" + (f" ({one.part}: {figures})" if figures else ""))
    listed = "\n".join(wrong)
    return (
        f"## A published calculation\n\n{_PUBLISHED.strip()}\n\n{_grid(rows)}\n\nNot right in it:\n\n{listed}"
    )


def _questions(stacks: Sequence[Stack], alone: Sequence[Line]) -> str:
    stage, volumes = production(), replace(VOLUMES, people=100_000)
    world = World(stage, volumes, catalogue(), newest_price(), fixed_of(stage, stacks), alone)
    parts = ["## Questions", _QUESTIONS.strip()]
    asked = [name for name in QUESTIONS if name != REGIONS or len(stage.regions) > 1]
    for name in asked:
        words = "\n".join(f"- {one}" for one in QUESTIONS[name](world).words)
        parts.append(f"`python -m costs ask {name}`\n\n{words}")
    return "\n\n".join(parts)


def _grid(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    line = f"|---|{'---:|' * (len(rows[0]) - 1)}"
    return "\n".join([head, line, *body])


_TOP = """
# What it costs

Made by `make rooms` of an example, the business that tests are run on (`tests/app/support/business`): four
use cases of a community, a weekly notification, production in two regions. `make costs` says what the stages
cost that *you* have configured, and `python -m costs page` makes this page of them. Its text is in
`costs/page_command.py`; a test holds it against the prices and the example.

```sh
python -m costs --people 100000                     # production, by line, with what each line rests on
python -m costs --html prod.html --json prod.json   # with a plot over people, a thousand to ten million
python -m costs --record last_good.json             # people, rows and items of the last good run
python -m costs --against ../before/cdk.out         # what a change costs, by what causes it
python -m costs actual --bucket DATA-BUCKET          # an estimate beside what runs used, by their records
python -m costs ask batch-or-campaign               # and other questions, below
```

All of it is an estimate before tax, from the configuration, from the templates (what costs something by
being there is counted in them), and from volumes: those of a run's record, or options, or else assumed, and
each line says which. Free allowances of an account are not deducted. What is open is counted dearer, and
said: a campaign of the second generation as if it billed its minimum while nobody asks; custom metrics as
if each was written all month.
"""
_PRICES = """
`costs/prices/data/` has a file per region. A price is *published* if it stands so in AWS's price list for
that region, in the version or of the day that its source names; the figures are taken from public copies,
nobody here has read AWS's files themselves. It is *assumed* if it is another region's or second hand: lines
that use it have a star, and say why. A price that nobody knows is an error and never nothing. One that is
older than 12 months is warned of.

`python -m costs refresh FILE...` reads AWS's own files
(`offers/v1.0/aws/<service>/current/<region>/index.json` of `https://pricing.us-east-1.amazonaws.com`), of a
region or of all, however large, and rewrites the prices that it finds in them. It says of each item whether
it was found, and leaves the others as they were: those in another unit or currency, of the future, and those
that are newer here. It was tried on eleven whole files of AWS of December 2015 and January 2016, which a
public repository keeps, and is **untried on a whole file of today**: none was to be had. Usage types are
those that AWS's price list had in September 2022; trainings of Amazon Personalize's second generation are
younger, and looked for by their description, its batches and requests not at all.
"""
_PRODUCTION = """
All use cases of production by one variant, 30 % of the people active, data changed on 5 of 7 days, trained
when it has changed. Fixed costs are lines of their own, counted in production's templates as they are
today. A star: by a price that is assumed, or by several of which one is.
"""
_ALIKE = """
Imports, training and lists of one use case, against the published bill of the same number of people; in
brackets the share of it.
"""
_ALIKE_SAYS = """
The own variant stays below a fifth of the published bill at every size, by far. Amazon Personalize trained
when data has changed, for active people, stays below 60 % of it with recipes of the first generation, which
the published bill is of. With those of the second generation, today's default, it does not at 100,000
people and more: they are trained on all interactions each time, and a list costs 2.24 times as much;
against the second generation's own bill, daily and for everybody, it is a good third.
"""
_PUBLISHED = """
The calculation that this repository's requirements began with follows to the cent from its own rates, each
part and all six sums.
"""
_QUESTIONS = """
At 100,000 people, with the volumes above; `--html FILE` adds the plot, other options other volumes. Each
answer says below it which volumes it rests on, and which prices that are assumed or old.
"""
_REST = """
## A limit for runs

`run_limit` and `monthly_limit` of a use case are US dollars, of one run and of all that the schedule
begins in a month. Before a run of Amazon Personalize imports anything, the step that compares datasets
estimates it by their rows, by the prices of the region as they were at the deployment, and by as many
lists as the share of the people was in the last good run. What is above the limit is refused with
`RunTooDear` and its figures, as any failure is told, and readers keep the lists that they have. Metrics:
`RunCostEstimated`, `RunCost` of what was published, by the billed training hours where a training is paid
by them, and `RunCostOfEstimate`, with an alarm from 1.2 on. Without a limit nothing of this is there. Own
variants have none: they cost cents.

## A campaign that nobody asks

A campaign is paid for by the hour. Each has an alarm that tells when it has answered nobody for
`idle_days` of its `Campaign`, 3 unless said otherwise, 7 at most, 0 for no alarm: of
`GetRecommendations`, which Amazon Personalize counts by campaign and only where it succeeds, so that a
campaign whose answers are all errors is told as well. It looks back far enough to see a run and the day
after it: with a run a day, 54 hours at least. It is silent before the first run, which makes the
campaign, for that long after a use case was given one, and where runs have ceased, of which another
alarm tells; a campaign in a region that is no longer the active one is not told either. Its three
metrics cost 0.30 dollars a month, and `FirstDeployment`, which is written once, as much again by the
dearer reading of the prices.

## What is not in it

Support, taxes, data to the internet, the database, whatever the account uses besides; Amazon Personalize's
user segments, domain recommenders and metadata in answers, and AWS Glue, which nothing here asks for.
Requests for keys and secrets and messages of alarms, which are cents. People: a model of one's own is looked
after by somebody.
"""
