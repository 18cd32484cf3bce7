"""`ask`: a question, the point where its answer turns, and a plot."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from costs.estimating.estimate import fixed_of
from costs.estimating.what_if import fixed_alone
from costs.options import (
    add_assembly,
    add_stage,
    add_volumes,
    counted_in,
    give,
    parser_of,
    stage_on_aws,
    volumes_of,
)
from costs.prices.catalogue import catalogue
from costs.questions.answer import Answer
from costs.questions.asked import QUESTIONS, REGIONS
from costs.questions.world import World
from costs.show.page import grid, html, listed
from costs.show.plot import curves
from costs.show.table import rows_of, wrapped

_EXAMPLES = """\
questions:
{questions}

examples:
  python -m costs ask batch-or-campaign --people 100000 --requests-per-day 2
  python -m costs ask regions --html regions.html

exit codes: 0 the answer; 1 a price is unknown, or a file cannot be used; 2 wrong arguments
"""


def run(arguments: Sequence[str], today: date) -> int:
    """Raises: Misused, Refused, UnknownPrice, BadPrices, OSError."""
    options = parser().parse_args(arguments)
    stage, volumes = stage_on_aws(options), volumes_of(options)
    compared = options.question == REGIONS and len(stage.regions) > 1
    stacks = counted_in(options.assembly, stage) if options.assembly or compared else ()
    alone = fixed_alone(stage) if compared else ()
    world = World(stage, volumes, catalogue(), today, fixed_of(stage, stacks), alone)
    answer = QUESTIONS[options.question](world)
    give(options.json, answer_json(answer), text(answer))
    if options.html:
        options.html.write_text(page_of(answer), encoding="utf-8")
    return 0


def parser() -> argparse.ArgumentParser:
    questions = "\n".join(f"  {name:<20}{_about(name)}" for name in QUESTIONS)
    parser = parser_of("ask", __doc__, _EXAMPLES.format(questions=questions))
    parser.add_argument(
        "question", choices=list(QUESTIONS), metavar="QUESTION", help="one of those that are listed below"
    )
    add_stage(parser)
    add_assembly(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the answer as JSON; - prints it")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page, with its plot")
    add_volumes(parser)
    return parser


def _about(question: str) -> str:
    return (QUESTIONS[question].__doc__ or "").strip().splitlines()[0].rstrip(".")


def text(answer: Answer) -> str:
    """At most 80 columns."""
    lines = [line for words in answer.words for line in wrapped(f"- {words}")]
    tables = [["people", *(f"[{number}]" for number, _ in enumerate(answer.series, start=1))]]
    by_x = list(zip(*answer.series.values(), strict=True))
    for points in by_x[::4]:
        tables.append([f"{points[0][0]:,.0f}", *(f"{usd:,.2f}" for _, usd in points)])
    names = [f"  [{number}] {name}" for number, name in enumerate(answer.series, start=1)]
    rest = [line for words in answer.rests_on for line in wrapped(f"- {words}", "  ")]
    return "\n".join([*lines, "", "US dollars a month:", *names, rows_of(tables), "", "It rests on:", *rest])


def page_of(answer: Answer) -> str:
    marks = [(turn.x, turn.y) for turn in answer.turns]
    plot = curves(answer.question, answer.series, across=answer.across, up="US dollars a month", turns=marks)
    rows = [
        [f"{points[0][0]:,.0f}", *(f"{usd:,.2f}" for _, usd in points)]
        for points in zip(*answer.series.values(), strict=True)
    ]
    return html(
        answer.question.capitalize(),
        [
            listed("Answer", answer.words),
            plot,
            grid([answer.across, *answer.series], rows),
            listed("It rests on", answer.rests_on),
        ],
    )


def answer_json(answer: Answer) -> dict[str, object]:
    """turns: from x on, `then` is the cheaper one."""
    return {
        "question": answer.question,
        "words": list(answer.words),
        "restsOn": list(answer.rests_on),
        "turns": [{"x": turn.x, "usd": turn.y, "then": turn.then} for turn in answer.turns],
        "across": answer.across,
        "series": {
            name: [{"x": x, "usd": usd} for x, usd in points] for name, points in answer.series.items()
        },
    }
