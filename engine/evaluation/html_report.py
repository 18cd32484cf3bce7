"""Evaluations as one HTML file that explains itself: on a screen, on a telephone, on paper."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.meanings import ARROWS, GROUPS, WAYS, Group, Meaning
from engine.evaluation.report import cell, differences, measured
from engine.evaluation.setting import Setting
from engine.evaluation.svg import bars, curve, line, scatter

# Below 54rem a table's rows become cards, every figure with its name: nothing is wider than the screen.
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#222;background:#fff;margin:0 auto;padding:1rem;max-width:75rem}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin:2rem 0 .3rem}
p{max-width:45rem;margin:.3rem 0 .8rem}
h1,h2,p,li,dd,td,th{overflow-wrap:anywhere}small{color:#555;display:block}ul{padding-left:1.2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.5rem 0}
dt{font-weight:bold}dd{margin:0}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;text-align:right;vertical-align:top}
td,th{border-bottom:1px solid #ddd}th{border-bottom-color:#222}tbody th{border-bottom-color:#ddd}
td:first-child,th:first-child{text-align:left}.best{font-weight:bold}td{font-variant-numeric:tabular-nums}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1.5rem;margin-top:1rem}
.charts svg{width:100%;height:auto;max-width:28rem}
@media screen and (max-width:54rem){thead{display:none}table,tbody{display:block}
tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.2rem .8rem}
tr{border-bottom:1px solid #222;padding:.4rem 0}
td,tbody th{display:block;text-align:left;border:0;padding:.1rem 0}tbody th{grid-column:1/-1}
td::before{content:attr(data-name);display:block;color:#555;font-weight:normal;font-size:.85em}
td small{display:inline}}
@media screen and (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}}
@page{margin:14mm}
@media print{body{font-size:9.5pt;padding:0;max-width:none}td,th{padding:.15rem .25rem;font-size:8pt}
td small{font-size:6.5pt}tr,svg,li,dl{break-inside:avoid}h2,h2+p{break-after:avoid}
.charts{grid-template-columns:1fr 1fr}.charts svg{max-width:100%}}
"""


@dataclass(frozen=True)
class Ingredient:
    """A member of a blend: what its raw scores weigh, and the half-life of a history in items."""

    name: str
    weight: float
    half_life: float | None
    """None: all items of a history count alike"""


def write_html(
    path: Path,
    title: str,
    evaluations: Sequence[Evaluation],
    setting: Setting,
    *,
    blends: Mapping[str, Sequence[Ingredient]] | None = None,
    learning: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> None:
    """blends: what hybrids are made of; learning: by model, (training pairs, NDCG@10) of growing parts."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in setting.facts())
    notes = "".join(f"<li>{escape(sentence)}</li>" for sentence in differences(evaluations))
    luck = (
        "<h2>Is the difference more than luck?</h2>"
        "<p>Each model against the next best, over the same people: the mean difference, its 95 % interval, "
        "and the chance of one so large by luck (paired randomisation test). Below 0.05 the first is called "
        "better.</p>"
        f"<ul>{notes}</ul>"
    )
    parts = [
        f"<h1>{escape(title)}</h1><dl>{facts}</dl><p>{escape(setting.explained())}</p>",
        "<p>Popularity and the demographic heuristic are what any model has to beat. "
        "↑ higher is better, ↓ lower is better, no arrow: neither; the best of a column is bold.</p>",
        *(_group(group, evaluations) for group in _with_rest(evaluations)),
        luck if notes else "",
        '<h2>In pictures</h2><div class="charts">',
        *_charts(evaluations, learning or {}),
        "</div>",
        *(_blend(name, blend) for name, blend in (blends or {}).items()),
        _meanings(evaluations),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style>{''.join(parts)}</html>\n",
        encoding="utf-8",
    )


def _with_rest(evaluations: Sequence[Evaluation]) -> Iterator[Group]:
    """The groups, cut down to what was measured; figures that none of them knows in one of their own."""
    names = [*measured(evaluations), "train s", "users/s"]
    known: set[str] = set()
    for group in GROUPS:
        known |= set(group.figures)
        if figures := {name: meaning for name, meaning in group.figures.items() if name in names}:
            yield Group(group.title, group.note, figures)
    if rest := {name: Meaning("neither", "") for name in names if name not in known}:
        yield Group("Also measured", "", rest)


def _group(group: Group, evaluations: Sequence[Evaluation]) -> str:
    shown = [one for one in evaluations if any(_value(one, name) is not None for name in group.figures)]
    titles = {name: f"{name} {ARROWS[meaning.good]}".rstrip() for name, meaning in group.figures.items()}
    head = "".join(f"<th>{escape(title)}</th>" for title in ("model", *titles.values()))
    best = {name: _best(name, meaning, shown) for name, meaning in group.figures.items()}
    rows = []
    for one in shown:
        cells = "".join(
            f'<td data-name="{escape(title)}"{_bold(one, name, best[name])}>{_figure(one, name)}</td>'
            for name, title in titles.items()
        )
        rows.append(f"<tr><th>{escape(one.name)}</th>{cells}</tr>")
    return (
        f"<h2>{escape(group.title)}</h2><p>{escape(group.note)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _value(one: Evaluation, name: str) -> float | None:
    effort = {"train s": one.train_seconds, "users/s": one.users_per_second}
    if name in one.metrics:
        return one.metrics[name].mean
    return one.figures.get(name, effort.get(name))


def _best(name: str, meaning: Meaning, evaluations: Sequence[Evaluation]) -> float | None:
    values = [value for one in evaluations if (value := _value(one, name)) is not None]
    if meaning.good == "neither" or len(values) < 2:
        return None
    return max(values) if meaning.good == "up" else min(values)


def _bold(one: Evaluation, name: str, best: float | None) -> str:
    return ' class="best"' if best is not None and _value(one, name) == best else ""


def _figure(one: Evaluation, name: str) -> str:
    if name == "train s":
        return f"{one.train_seconds:.2f}"
    if name == "users/s":
        return f"{one.users_per_second:,.0f}"
    interval = one.metrics.get(name)
    within = f" <small>{interval.low:.3f} to {interval.high:.3f}</small>" if interval else ""
    return f"{cell(one, name)}{within}"


def _charts(
    evaluations: Sequence[Evaluation], learning: Mapping[str, Sequence[tuple[float, float]]]
) -> Iterator[str]:
    yield bars(f"{HEADLINE}, with 95 % intervals", [_bar(one) for one in evaluations])
    yield scatter(
        "Accuracy and reach: best at the top right",
        [(one.name, one.figures["coverage@10"], one.metrics[HEADLINE].mean) for one in evaluations],
        "coverage@10 →",
        HEADLINE,
    )
    for one in evaluations:
        if one.reliability:
            yield curve(
                f"{one.name}: do chances come true?",
                [(said, came) for said, came, _ in one.reliability],
                "chance said (on the line: as it came)",
                "share that came true",
            )
    for name, points in learning.items():
        yield line(f"{name}: learning curve", points, "pairs trained on", HEADLINE)


def _blend(name: str, blend: Sequence[Ingredient]) -> str:
    columns = ("weight on its raw scores", "half-life of a history")
    rows = []
    for one in blend:
        memory = "none" if one.half_life is None else f"{one.half_life:g} items"
        cells = "".join(
            f'<td data-name="{title}">{value}</td>'
            for title, value in zip(columns, (f"{one.weight:.4g}", memory), strict=True)
        )
        rows.append(f"<tr><th>{escape(one.name)}</th>{cells}</tr>")
    head = "".join(f"<th>{title}</th>" for title in ("member", *columns))
    return (
        f"<h2>What {escape(name)} is made of</h2><p>After so many newer items, an older one counts half.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _meanings(evaluations: Sequence[Evaluation]) -> str:
    rows = "".join(
        f"<dt>{escape(name)} {ARROWS[meaning.good]}</dt>"
        f"<dd>{escape(meaning.words)} ({WAYS[meaning.good]})</dd>"
        for group in _with_rest(evaluations)
        for name, meaning in group.figures.items()
        if meaning.words
    )
    return f"<h2>What the figures mean</h2><dl>{rows}</dl>"


def _bar(one: Evaluation) -> tuple[str, float, float, float]:
    estimate = one.metrics[HEADLINE]
    return one.name, estimate.mean, estimate.low, estimate.high
