"""An estimate as text of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from costs.estimating.estimate import Estimate, Priced
from costs.prices.price import Grade, Price
from costs.usage.line import Line

WIDTH = 80
_WHAT, _QUANTITY, _USD = 50, 14, 12


def table(estimate: Estimate, *, least: float = 0.005) -> str:
    """By region, use case and variant; lines of less than `least` dollars together. A star: by an assumed
    price; what is assumed follows below.
    """
    rows = [_row("US dollars a month", "quantity", "USD"), "-" * WIDTH]
    ordered = sorted(estimate.lines, key=lambda one: _place(one.line))
    for place, members in groupby(ordered, key=lambda one: _place(one.line)):
        lines = list(members)
        usd = sum(one.usd for one in lines)
        rows.append(_row(place, "", f"{usd:,.2f}"))
        for one in sorted(lines, key=lambda one: -one.usd):
            if one.usd >= least:
                rows.append(_row(f"  {one.line.what}", quantity(one.line.quantity), money(one)))
        small = [one for one in lines if one.usd < least]
        if small:
            sum_small = sum(one.usd for one in small)
            lines_of_them = f"{len(small)} {'line' if len(small) == 1 else 'lines'} of less than a cent"
            rows.append(_row(f"  {lines_of_them}", "", f"{sum_small:,.2f}"))
    rows += ["-" * WIDTH, _row("together", "", f"{estimate.usd:,.2f}")]
    return "\n".join([*rows, "", *_said(estimate)])


def money(one: Priced) -> str:
    return f"{one.usd:,.2f}" + ("*" if one.price.grade is Grade.ASSUMED else " ")


def rate(price: Price) -> str:
    """Of one unit in its first tier: `0.015`, `0.7625 a million`."""
    return f"{price.usd:g}" if price.usd >= 0.001 else f"{price.usd * 1e6:g} a million"


def quantity(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def wrapped(text: str, indent: str = "") -> Iterator[str]:
    """Lines of at most 80 columns; those after the first are indented by two."""
    line = indent
    for word in text.split():
        if len(line) + len(word) + 1 > WIDTH and line.strip():
            yield line
            line = f"{indent}  {word}"
        else:
            line = f"{line}{' ' if line.strip() else ''}{word}"
    if line.strip():
        yield line


def rests_on(doubts: Iterable[str], notes: Iterable[str]) -> Iterator[str]:
    """Lines of at most 80 columns. doubts: prices that are assumed or old. notes: of quantities."""
    for title, texts in (("* prices that are assumed or old:", doubts), ("quantities rest on:", notes)):
        found = [line for text in sorted(texts) for line in wrapped(text, "  ")]
        yield from (title, *found) if found else ()


def rows_of(cells: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell, the first to the left, the others to the right."""
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    lines = []
    for first, *rest in cells:
        right = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *right]).rstrip())
    return "\n".join(lines)


def _row(what: str, amount: str, usd: str) -> str:
    room = _WHAT - 1
    short = what if len(what) <= room else f"{what[: room - 1]}…"
    usd = usd if usd.endswith(("*", " ")) else f"{usd} "
    return f"{short:<{_WHAT}}{amount:>{_QUANTITY}}{usd:>{_USD}}".rstrip()


def _place(line: Line) -> str:
    where = line.where
    parts = [where.stage, where.region, where.use_case or f"({line.group})", where.variant]
    return " ".join(part for part in parts if part)


def _said(estimate: Estimate) -> Iterator[str]:
    assumed = [one for one in estimate.lines if one.price.grade is Grade.ASSUMED]
    if assumed:
        yield "* assumed prices:"
        for text in sorted(
            {f"{one.line.item.unit}: {rate(one.price)}; {one.price.words}" for one in assumed}
        ):
            yield from wrapped(text, "  ")
    notes = sorted({note for one in estimate.lines for note in one.line.notes})
    if notes:
        yield "quantities rest on:"
        for note in notes:
            yield from wrapped(note, "  ")
    for warning in estimate.warnings:
        yield from wrapped(f"! {warning}")
