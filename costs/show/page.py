"""An estimate as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from costs.estimating.estimate import Estimate
from costs.show.table import money, quantity, rate

_STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}"
    "td{vertical-align:top}.words{text-align:left}"
)


def page(title: str, estimate: Estimate, plots: Sequence[str]) -> str:
    """plots: SVG text."""
    head = ("region", "use case", "variant", "for", "what", "quantity", "USD a month")
    rows = [
        (
            one.line.where.region,
            one.line.where.use_case,
            one.line.where.variant,
            one.line.group.value,
            one.line.what,
            quantity(one.line.quantity),
            money(one).strip(),
        )
        for one in sorted(estimate.lines, key=lambda one: -one.usd)
        if one.usd >= 0.005
    ]
    notes = sorted({note for one in estimate.lines for note in one.line.notes})
    words = sorted({f"{one.line.item.unit}: {rate(one.price)}; {one.price.words}" for one in estimate.lines})
    return html(
        title,
        [
            f"<p>{estimate.usd:,.2f} US dollars a month, before tax. A star: by an assumed price.</p>",
            *plots,
            listed("Warnings", estimate.warnings),
            grid(head, rows, words=5),
            listed("Quantities rest on", notes),
            listed("Prices", words),
        ],
    )


def html(title: str, parts: Iterable[str]) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = "\n".join(part for part in parts if part)
    whole = f"<head>{head}</head><body>\n<h1>{escape(title)}</h1>\n{body}\n</body>"
    return f'<!doctype html>\n<html lang="en">{whole}</html>\n'


def grid(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """words: columns at the beginning that are words; the others are numbers, to the right."""

    def row(tag: str, cells: Sequence[str]) -> str:
        marks = [' class="words"' if number < words else "" for number in range(len(cells))]
        return "".join(
            f"<{tag}{mark}>{escape(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True)
        )

    body = "".join(f"<tr>{row('td', cells)}</tr>" for cells in rows)
    return f"<table><thead><tr>{row('th', head)}</tr></thead><tbody>{body}</tbody></table>"


def listed(title: str, texts: Iterable[str]) -> str:
    """Nothing, if there are none."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>" if items else ""
