"""The changed part of a workflow as a Mermaid graph: what is new or gone, and what is around it."""

from collections import Counter
from collections.abc import Collection

from review.workflows.states import START, Transition

_ESCAPED = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
_MOST, _HUB = 40, 6


def mermaid(old: Collection[Transition], new: Collection[Transition], changed: Collection[str] = ()) -> str:
    """changed: states that do something else. Empty, if nothing is to be drawn."""
    come, gone = set(new) - set(old), set(old) - set(new)
    drawn = sorted({name for one in come | gone for name in (one.source, one.target)} | set(changed))[:_MOST]
    if not drawn:
        return ""
    same = sorted(set(new) & set(old))
    touched = Counter(name for one in same for name in (one.source, one.target))
    # Where many lead to, such as the end of failures, is no neighbourhood.
    around = [
        one
        for one in same
        if {one.source, one.target} <= set(drawn)
        or ({one.source, one.target} & {name for name in drawn if touched[name] <= _HUB} and not one.caught)
    ][:_MOST]
    names = list(dict.fromkeys([*drawn, *(name for one in around for name in (one.source, one.target))]))
    ids = {name: f"s{number}" for number, name in enumerate(names)}
    lines = ["flowchart TD", *(f'  {ids[name]}["{_label(name)}"]' for name in names)]
    for one in sorted(come | gone | set(around)):
        if one.source in ids and one.target in ids:
            arrow = "-.->" if one in gone else "==>" if one in come else "-->"
            why = f'|"{_label(one.why)}"|' if one.why else ""
            lines.append(f"  {ids[one.source]} {arrow}{why} {ids[one.target]}")
    before = {name for one in old for name in (one.source, one.target)}
    after = {name for one in new for name in (one.source, one.target)}
    for style, members in (
        ("fill:#d4f4dd,stroke:#1a7f37", after - before),
        ("fill:#ffdcd7,stroke:#cf222e,stroke-dasharray: 4", before - after),
        ("fill:#fff3c4,stroke:#9a6700", set(changed) & after & before),
    ):
        lines += [f"  style {ids[name]} {style}" for name in names if name in members and name != START]
    return "\n".join(lines)


def _label(text: str) -> str:
    text = " ".join(text.split())
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return "".join(_ESCAPED.get(each, each) for each in short)
