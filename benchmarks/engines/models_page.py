"""The figures of docs/models.md, made of the results of benchmarks.engines.model_figures.

python -m benchmarks.engines.models_page --results benchmarks/engines/model_figures.json
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.engines.model_figures import RESULTS

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
_CLOSE = 0.003
"""NDCG@10: models nearer to each other than that are named together"""
BEGIN, END = "<!-- figures: python -m benchmarks.engines.models_page -->", "<!-- end of figures -->"


def figures(results: list[dict[str, Any]]) -> str:
    """What stands between the two marks of the page."""
    return "\n".join(["", _summary(results), *map(_details, results)])


def page(results: list[dict[str, Any]], before: str) -> str:
    """The page as it was before, with these figures. Raises: ValueError, if it lacks a mark."""
    head, _, rest = before.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not tail:
        raise ValueError(f"the page needs the marks {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{figures(results)}\n{END}{tail}"


def _summary(results: list[dict[str, Any]]) -> str:
    rows = ["| data | best of all | short histories | long histories | hybrid | gain by `next-item` |"]
    rows.append("|---|---|---|---|---|---|")
    for one in results:
        best = [_best(one, group) for group in ("all", "short", "long")]
        hybrid = next(each for each in one["figures"] if each["model"] == "hybrid")
        gain = one["next-item"]
        rows.append(
            f"| {one['name']} | {' | '.join(best)} | {_figure(hybrid['all'])} "
            f"| {gain['gain']:+.4f} (standard error {gain['error']:.4f}) |"
        )
    return "\n".join([*rows, ""])


def _best(one: dict[str, Any], group: str) -> str:
    single = [
        (each[group]["ndcg@10"], each["model"])
        for each in one["figures"]
        if not each["model"].startswith("hybrid") and each[group]["ndcg@10"] is not None
    ]
    if not single:
        return "nobody"
    highest = max(single)[0]
    near = sorted((figure, name) for figure, name in single if figure >= highest - _CLOSE)
    return ", ".join(f"`{name}`" for _, name in reversed(near)) + f" {highest:.3f}"


def _details(one: dict[str, Any]) -> str:
    again = ", items come again" if one["repeats"] else ""
    rows = [
        f"### {one['name']}",
        "",
        f"{one['people']:,} people, {one['items']:,} items, {one['events']:,} events; "
        f"{one['protocol']}{again}.",
        "",
        "| model | all | short histories | long histories |",
        "|---|---|---|---|",
    ]
    for each in one["figures"]:
        figures = " | ".join(_figure(each[group]) for group in ("all", "short", "long"))
        rows.append(f"| {each['model']} | {figures} |")
    of = " | ".join(f"{one['figures'][0][group]['people']:,} people" for group in ("all", "short", "long"))
    return "\n".join([*rows, f"| asked | {of} |", "", *_new(one["new items"])])


def _new(rows: list[dict[str, float]]) -> list[str]:
    if not rows:
        return []
    head = [
        "New items, a fifth taken out of training:",
        "",
        "| share asked for | in lists | NDCG@10 |",
        "|---|---|---|",
    ]
    asked = [f"| {row['asked for']:.2f} | {row['in lists']:.3f} | {row['ndcg@10']:.4f} |" for row in rows]
    return [*head, *asked, ""]


def _figure(measured: dict[str, Any]) -> str:
    return "-" if measured["ndcg@10"] is None else f"{measured['ndcg@10']:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    options = parser.parse_args()
    results = json.loads(options.results.read_text(encoding="utf-8"))
    PAGE.write_text(page(results, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
