"""`published`: a calculation that was published, to the cent; and what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from costs.questions import break_even
from costs.questions.published import EXAMPLES, corrected, inconsistencies
from costs.show.table import rows_of, wrapped


def run(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="python -m costs published", description=__doc__).parse_args(arguments)
    print("\n".join(lines()))
    return 0


def lines() -> Iterator[str]:
    head = ["US dollars of 30 days", *(f"{one.people:,}" for one in EXAMPLES)]
    rows = [head]
    for part in ("import", "training", "lists"):
        rows.append([part, *(f"{one.batch[part]:,.2f}" for one in EXAMPLES)])
    rows.append(["together, batch", *(f"{sum(one.batch.values()):,.2f}" for one in EXAMPLES)])
    rows.append(["campaign", *(f"{one.realtime['campaign']:,.2f}" for one in EXAMPLES)])
    rows.append(["together, real time", *(f"{sum(one.realtime.values()):,.2f}" for one in EXAMPLES)])
    rows.append(
        ["corrected: bytes, tiers, 730 hours", *(f"{sum(corrected(one).values()):,.2f}" for one in EXAMPLES)]
    )
    yield rows_of(rows)
    for number, one in enumerate(inconsistencies(), start=1):
        figures = ""
        if one.corrected:
            figures = f": {one.part} " + " / ".join(f"{usd:,.2f}" for usd in one.corrected.values())
        yield from wrapped(f"{number}. {one.what}{figures}")
    when = break_even.months(break_even.ONCE, break_even.BEFORE, break_even.AFTER)
    yield from wrapped(
        "The other calculation, 400 to 800 a month before, 8,000 to 15,000 once, 200 to 500 a month after, "
        f'with "12 to 18 months": {when.best:.1f} months at best, {when.middle:.0f} by the middles, never in '
        "the worst case."
    )
