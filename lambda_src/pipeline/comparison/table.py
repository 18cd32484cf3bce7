"""A comparison as text for the terminal; rows of it are those of the page as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = tuple[str, ...]
AGREEMENT = ("overlap@5", "overlap@10", "overlap@25", "rbo", "kendall")


def text(comparison: Mapping[str, Any]) -> str:
    """With the verdict; lines are as wide as the words need."""
    first, second = comparison["a"], comparison["b"]
    people = f"{comparison['people']:,} {comparison['of']}, {comparison['items']:,} items"
    parts = [f"{comparison['useCase']}, run {comparison['run']}: {first} and {second}, {people}"]
    parts.append(aligned([("measure", first, second, "verdict"), *verdict_rows(comparison)]))
    parts.append(aligned([("in common", *_segment_names(comparison)), *agreement_rows(comparison)]))
    parts.append(after_words(comparison))
    parts += [f"BLOCKS A RAMP of {second}: {one['words']}" for one in comparison["blocks"]]
    parts += [f"also of {first}: {one['words']}" for one in comparison["faultsOfA"]]
    parts.append(comparison["summary"])
    return "\n\n".join(parts)


def verdict_rows(comparison: Mapping[str, Any]) -> Iterator[Row]:
    for one in comparison["verdicts"]:
        yield one["measure"], figure(one["a"]), figure(one["b"]), one["verdict"]


def agreement_rows(comparison: Mapping[str, Any]) -> Iterator[Row]:
    """A column per segment."""
    segments = comparison["segments"].values()
    for measure in AGREEMENT:
        yield measure, *(figure(segment["agreement"][measure]) for segment in segments)
    yield comparison["of"], *(f"{segment['people']:,}" for segment in segments)


def after_words(comparison: Mapping[str, Any]) -> str:
    after = comparison["after"]
    if "run" not in after:
        return f"What people did afterwards: not measured, {after['reason']}."
    counts = ", ".join(
        f"{after[kind]['everybody']['people']:,} {words}"
        for kind, words in (("organic", "by themselves"), ("fromLists", "out of a list shown to them"))
    )
    return f"What people did on {after['day']} after the lists of {after['run']}: {counts}."


def figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def aligned(rows: Sequence[Row]) -> str:
    """Columns padded to their widest cell; the first to the left, figures to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def _segment_names(comparison: Mapping[str, Any]) -> Row:
    return tuple(comparison["segments"])
