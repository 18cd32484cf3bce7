"""`ask`: a question, the point where its answer turns, and a plot."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from costs.estimating.estimate import fixed_of
from costs.estimating.templates import stacks_in, synthesised
from costs.options import add_stage, add_volumes, stage_of, volumes_of
from costs.prices.catalogue import catalogue
from costs.questions.answer import Answer
from costs.questions.asked import QUESTIONS, World
from costs.show.page import grid, html, listed
from costs.show.plot import curves
from costs.show.table import rows_of, wrapped


def run(arguments: Sequence[str], today: date) -> int:
    """Raises: Refused, UnknownPrice, BadPrices."""
    parser = argparse.ArgumentParser(prog="python -m costs ask", description=__doc__)
    parser.add_argument("question", choices=list(QUESTIONS))
    add_stage(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the answer as JSON; - prints it")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page, with its plot")
    add_volumes(parser)
    options = parser.parse_args(arguments)
    stage = stage_of(options)
    if options.assembly:
        counted = fixed_of(stage, stacks_in(options.assembly))
    else:
        counted = fixed_of(stage, synthesised(stage)) if options.question == "regions" else ()
    world = World(stage, volumes_of(options), catalogue(), today, counted)
    answer = QUESTIONS[options.question](world)
    if options.json:
        content = json.dumps(answer_json(answer), indent=2) + "\n"
        if str(options.json) == "-":
            print(content, end="")
        else:
            options.json.write_text(content, encoding="utf-8")
    if str(options.json) != "-":
        print(text(answer))
    if options.html:
        options.html.write_text(page_of(answer), encoding="utf-8")
    return 0


def text(answer: Answer) -> str:
    """At most 80 columns."""
    lines = [line for words in answer.words for line in wrapped(words)]
    tables = [["people", *(f"[{number}]" for number, _ in enumerate(answer.series, start=1))]]
    by_x = list(zip(*answer.series.values(), strict=True))
    for points in by_x[::4]:
        tables.append([f"{points[0][0]:,.0f}", *(f"{usd:,.2f}" for _, usd in points)])
    names = [f"  [{number}] {name}" for number, name in enumerate(answer.series, start=1)]
    return "\n".join([*lines, "", "US dollars a month:", *names, rows_of(tables)])


def page_of(answer: Answer) -> str:
    marks = [(turn.x, turn.y) for turn in answer.turns]
    plot = curves(answer.question, answer.series, across=answer.across, up="US dollars a month", turns=marks)
    rows = [
        [f"{points[0][0]:,.0f}", *(f"{usd:,.2f}" for _, usd in points)]
        for points in zip(*answer.series.values(), strict=True)
    ]
    return html(
        answer.question, [listed("Answer", answer.words), plot, grid([answer.across, *answer.series], rows)]
    )


def answer_json(answer: Answer) -> dict[str, object]:
    """turns: from x on, `then` is the cheaper one."""
    return {
        "question": answer.question,
        "words": list(answer.words),
        "turns": [{"x": turn.x, "usd": turn.y, "then": turn.then} for turn in answer.turns],
        "across": answer.across,
        "series": {
            name: [{"x": x, "usd": usd} for x, usd in points] for name, points in answer.series.items()
        },
    }
