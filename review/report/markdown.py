"""A report as Markdown: the verdict first, and never longer than a comment may be."""

import re
from collections import Counter
from collections.abc import Sequence

from review.ground.findings import Rule, Severity
from review.report.building import Report
from review.report.escaping import code, plain
from review.report.rows import Row
from review.report.sections import MARKS, Detail, costs_together, in_order, rows_by_rule, section, table

LONGEST = 60_000
"""bytes, and so characters at most; GitHub takes 65,536 characters, GitLab a million"""
MARKER = "<!-- recommendations-review -->"
"""by which a comment is found again"""
_LEVELS = (
    Detail(),
    Detail(lines=60),
    Detail(lines=25, rows=40, subjects=8, plan_lines=60),
    Detail(lines=0, rows=20, subjects=6, plan_lines=40),
    Detail(lines=0, rows=6, subjects=4, plan_lines=25, open_rows=3),
    Detail(lines=0, rows=2, subjects=2, plan_lines=10, open_rows=2),
)
_NAMED, _NAMES = 6, 2
"""kinds of findings in the verdict, and resources of each"""
_OPENED = re.compile(r"<details>|</details>")


def markdown(report: Report) -> str:
    """The whole report."""
    return _written(report, _LEVELS[0])


def comment(report: Report, longest: int = LONGEST) -> str:
    """The report, with as much detail as there is room for."""
    for level in _LEVELS:
        text = _written(report, level)
        if _size(text) <= longest:
            return text if level is _LEVELS[0] else _with_hint(text, longest)
    return _with_hint(text, longest)


def _with_hint(text: str, longest: int) -> str:
    """And no longer than that: whole lines, with everything closed that is open."""
    hint = "\n\n_Shortened: the whole report is in the job's artefacts._\n"
    room = longest - _size(hint)
    if _size(text) > room:
        text = text.encode()[:room].decode(errors="ignore").rpartition("\n")[0]
        # What closes it is short: a few lines less are enough.
        while _size(text) + _size(_closing(text)) > room:
            text = text.rpartition("\n")[0]
        text += _closing(text)
    return text + hint


def _size(text: str) -> int:
    return len(text.encode())


def _closing(text: str) -> str:
    fences = [line.strip() for line in text.splitlines() if line.strip().startswith("```")]
    closing = "\n```" if len(fences) % 2 else ""
    depth = sum(1 if tag == "<details>" else -1 for tag in _OPENED.findall(text))
    return closing + "\n\n</details>" * max(depth, 0)


def _written(report: Report, detail: Detail) -> str:
    parts = [MARKER, "## Review of infrastructure", verdict(report), table(report), _problems(report)]
    parts += [section(report, which, detail) for which in in_order()]
    parts.append(
        "To accept a finding, write a line into the description: `acknowledge RULE [resource]: reason`."
        if report.failing
        else ""
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def verdict(report: Report) -> str:
    """One line, how many of which severity, the worst ones by name, and what it costs."""
    open_rows = [row for row in report.rows if not row.acknowledged]
    counts = Counter(row.severity for row in open_rows)
    said = [f"{counts[one]} {one.word}" for one in sorted(Severity, reverse=True) if counts[one]]
    accepted = sum(bool(row.acknowledged) for row in report.rows)
    said += [f"{accepted} acknowledged"] if accepted else []
    worst = max(counts, default=Severity.NOTE)
    if report.failing:
        count = len(report.failing)
        head = f"❌ **Stop: {count} {_plural('finding', count)} to be acknowledged or mended.**"
    elif worst is Severity.NOTE:
        head = "✅ **Nothing stands out.**" if report.rows else "✅ **Nothing changes.**"
    elif worst is Severity.LOW:
        head = "✅ **Nothing to stop for; have a look.**"
    else:
        head = "⚠️ **Nothing that fails the review; think of what is listed.**"
    lines = [f"{head} {', '.join(said)}".rstrip()]
    named = report.failing or [row for row in open_rows if row.severity >= Severity.MEDIUM]
    by_rule = rows_by_rule(named)
    lines += [_named(rule, rows) for rule, rows in by_rule[:_NAMED]]
    if len(by_rule) > _NAMED:
        lines.append(f"- … and {len(by_rule) - _NAMED} other kinds")
    if report.counted:
        lines.append(f"- costs: {costs_together(report.counted)}")
    return lines[0] + ("\n\n" + "\n".join(lines[1:]) if lines[1:] else "")


def _named(rule: Rule, rows: Sequence[Row]) -> str:
    """The worst of a kind, and how many others there are."""
    names = list(dict.fromkeys(name for row in rows for name in row.subjects))
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    places = sorted({place.where for row in rows for place in row.places})
    stages = sorted({place.stage for row in rows for place in row.places})
    regions = {place.region for row in rows for place in row.places if place.region}
    counted = f"{len(regions)} {_plural('region', len(regions))}"
    where_ = f"{', '.join(stages)}; {counted}" if len(places) > 2 else ", ".join(places)
    worst = max(row.severity for row in rows)
    return f"- {MARKS[worst]} {rule.what}: {', '.join(map(code, names[:_NAMES]))}{more} ({plain(where_)})"


def _problems(report: Report) -> str:
    lines = [f"- {plain(problem)}" for problem in report.problems]
    return "\n".join(["Acknowledgements that do nothing:", "", *lines]) if lines else ""


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
