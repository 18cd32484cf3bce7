"""A comparison as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from engine.evaluation.svg import bars
from pipeline.comparison import table
from pipeline.comparison.nature import FIRST
from pipeline.comparison.verdict import BETTER, WORSE

_STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2rem;max-width:75rem}svg{margin:1rem 2rem 0 0;max-width:100%}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .7rem;text-align:right}"
    "td,th{border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
    "td.words{text-align:left;color:#555;font-size:13px}.better{color:#176b32}.worse,.blocks{color:#a11}"
    ".blocks{border:2px solid #a11;padding:.5rem 1rem}.clear{border:2px solid #176b32;padding:.5rem 1rem}"
)
_LISTS = {
    "short": "people with a short list",
    "empty": "people with an empty list",
    "leaked": "people with own items in it",
    "meanLength": "mean length",
    f"personalisation@{FIRST}": f"personalisation@{FIRST}",
    "mostCommonList": "people with the most common list",
    f"coverage@{FIRST}": f"coverage@{FIRST}",
    f"gini@{FIRST}": f"Gini@{FIRST}",
    f"novelty@{FIRST}": f"novelty@{FIRST}, bits",
    f"popularity@{FIRST}": f"popularity percentile@{FIRST}",
    "coldItems": "places with a cold item",
    "scoreLow": "lowest score",
    "scoreHigh": "highest score",
    "scoreMean": "mean score",
    "scoreSpread": "spread of a list's scores",
}
_PERCENT = frozenset({"short", "empty", "leaked", "mostCommonList", f"coverage@{FIRST}", "coldItems"})
_COSTS = {
    "trainSeconds": "training, s",
    "batchSeconds": "batch, s",
    "latencyP50Ms": "latency p50, ms",
    "latencyP99Ms": "latency p99, ms",
    "costPer1000": "cost per 1,000, US dollars",
}
_KINDS = {
    "organic": "by themselves, on the day after",
    "fromLists": "out of a list that they were shown, on the day after",
    "all": "everything since the lists were made",
}


def page(comparison: Mapping[str, Any]) -> str:
    """Whatever comes from data or configuration is escaped."""
    first, second = comparison["a"], comparison["b"]
    title = f"{comparison['useCase']}: {first} and {second}, run {comparison['run']}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{comparison['people']:,} {escape(comparison['of'])}, {comparison['items']:,} items, lists of "
        f"{comparison['limit']:,}.</p>",
        _outcome(comparison),
        "<h2>Verdict by measure</h2>",
        _verdicts(comparison),
        "<h2>In common</h2>",
        _table(("", *comparison["segments"]), table.agreement_rows(comparison)),
        "<h2>The lists by themselves</h2>",
        *(
            _nature(name, segment, first, second)
            for name, segment in comparison["segments"].items()
            if segment["people"]
        ),
        "<h2>What people did afterwards</h2>",
        f"<p>{escape(table.after_words(comparison))}</p>",
        *_after(comparison),
        "<h2>What they take</h2>",
        _table(("", first, second), _paired_rows(comparison["costs"], _COSTS)),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )


def _outcome(comparison: Mapping[str, Any]) -> str:
    blocks = comparison["blocks"]
    said = f"<p>{escape(comparison['summary'])}</p>"
    of_first = "".join(
        f"<li>also of {escape(comparison['a'])}: {escape(one['words'])}</li>"
        for one in comparison["faultsOfA"]
    )
    if not blocks:
        return f'<div class="clear">{said}<ul>{of_first}</ul></div>'
    items = "".join(f"<li>{escape(one['words'])}</li>" for one in blocks)
    return f'<div class="blocks">{said}<ul>{items}{of_first}</ul></div>'


def _verdicts(comparison: Mapping[str, Any]) -> str:
    head = _row((f"measure of {comparison['b']}", comparison["a"], comparison["b"], "verdict", ""), cell="th")
    rows = []
    for one in comparison["verdicts"]:
        style = {BETTER: "better", WORSE: "worse"}.get(one["verdict"], "alike")
        rows.append(
            f"<tr><td>{escape(one['measure'])}</td><td>{table.figure(one['a'])}</td>"
            f'<td>{table.figure(one["b"])}</td><td class="{style}">{escape(one["verdict"])}</td>'
            f'<td class="words">{escape(one["words"])}</td></tr>'
        )
    return f"<table>{head}{''.join(rows)}</table>"


def _nature(name: str, segment: Mapping[str, Any], first: str, second: str) -> str:
    rows = _paired_rows(segment, _LISTS)
    return f"<h3>{escape(name)}: {segment['people']:,}</h3>" + _table(("", first, second), rows)


def _paired_rows(values: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for name, title in names.items():
        one, other = values["a"].get(name), values["b"].get(name)
        if one is not None or other is not None:
            yield title, _shown(name, one), _shown(name, other)


def _shown(name: str, value: float | None) -> str:
    return f"{value:.2%}" if name in _PERCENT and value is not None else table.figure(value)


def _after(comparison: Mapping[str, Any]) -> Iterator[str]:
    after = comparison["after"]
    if "run" not in after:
        return
    for kind, words in _KINDS.items():
        outcomes = after[kind]["everybody"]
        yield f"<h3>{escape(words)}: {outcomes['people']:,} people</h3>"
        rows = []
        for name, values in outcomes["metrics"].items():
            gain = values["difference"]
            within = f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]"
            a, b = (f"{values[letter]['mean']:.4f}" for letter in ("a", "b"))
            rows.append((name, a, b, within, f"{gain['pValue']:.4f}"))
        if rows:
            yield _table(("", comparison["a"], comparison["b"], "difference, 95 %", "p"), rows)
    yield from _charts(comparison)


def _charts(comparison: Mapping[str, Any]) -> Iterator[str]:
    organic = comparison["after"]["organic"]
    rows = [
        (
            f"{segment}, {comparison[letter]}",
            *(outcomes["metrics"]["hit_rate@10"][letter][bound] for bound in _BAR),
        )
        for segment, outcomes in organic.items()
        if outcomes["people"]
        for letter in ("a", "b")
    ]
    if rows:
        yield bars("Hit rate@10 of the day after, by themselves, 95 % intervals", rows)


_BAR = ("mean", "low", "high")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return f"<table>{_row(head, cell='th')}{''.join(_row(row) for row in rows)}</table>"


def _row(cells: Iterable[str], cell: str = "td") -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in cells)}</tr>"
