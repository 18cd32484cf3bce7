"""look: somebody's own files as they are, without SQL, AWS or configuration."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.arguments import positive
from engine.cli.as_json import add_json, models_of, tell
from engine.cli.serving import write_lists
from engine.data import loading
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import Evaluation
from engine.evaluation.html_report import write_html
from engine.evaluation.report import folded, width, wrapped
from engine.evaluation.setting import Setting
from engine.first_look import files, looking
from engine.first_look.columns import MEANINGS
from engine.first_look.converting import Taken, converted
from engine.ground.errors import ConfigError, EngineError
from engine.serving import artifacts

if TYPE_CHECKING:
    from engine.cli.arguments import Commands

MOST_EVENTS = 3_000_000
OUTPUT = Path("first-look")
_NAME_LETTERS = 60
_FIGURES = ("ndcg@10", "recall@10", "hit_rate@10", "coverage@10")


def add_commands(commands: "Commands") -> None:
    look = commands.add_parser(
        "look",
        help="your own files as they are: what they hold, lists, metrics beside what is popular",
        description="Takes CSV (any separator), Parquet or Arrow files, finds out what their columns mean "
        "and says so, trains the hybrid, tests it beside what is popular, and writes everybody's list.",
    )
    look.add_argument("folder", type=Path, help="with interactions, and items and users if there are any")
    add_options(look)
    look.set_defaults(run=run_look)


def add_options(look: argparse.ArgumentParser) -> None:
    """But for the folder."""
    for role in files.ROLES:
        look.add_argument(f"--{role}", metavar="FILE", help=f"of the folder, with the {role}")
    look.add_argument(
        "--column", action="append", default=[], metavar="MEANING=NAME",
        help=f"the column that is {', '.join(MEANINGS)}; can be given several times",
    )  # fmt: skip
    look.add_argument("--least-value", type=float, metavar="X", help="only events with such a value count")
    look.add_argument(
        "--own-items", action=argparse.BooleanOptionalAction,
        help=f"whether lists may hold what people have (default: if {looking.AGAIN:.0%} of events repeat)",
    )  # fmt: skip
    look.add_argument(
        "--most", type=positive, default=MOST_EVENTS, metavar="N",
        help="about so many events are taken, all those of a part of the people (default: %(default)s)",
    )  # fmt: skip
    look.add_argument(
        "--output",
        type=Path,
        default=OUTPUT,
        metavar="FOLDER",
        help="lists, report, model (default: %(default)s)",
    )
    add_json(look)


def run_look(options: argparse.Namespace) -> None:
    """Raises: ConfigError, EngineError, OSError; what an earlier look has written stays then."""
    say = _nothing if options.json else _say
    named = {role: name for role in files.ROLES if (name := getattr(options, role)) is not None}
    columns = _columns(options.column)
    found = files.found(options.folder, named)
    with tempfile.TemporaryDirectory(prefix="first-look-") as folder:
        data, taken = _read(found, columns, Path(folder), options)
    say("")
    for line in _facts(data, taken, asked=options.own_items):
        say(wrapped([line], width()))
    holdout = looking.held_back(data)
    judged = looking.judged(data, holdout, progress)
    progress("the hybrid is trained on all events")
    model = looking.trained(data)
    progress("")
    say(f"\nTo be found was the newest tenth of everybody's events:\n\n{_table(judged)}\n")
    say(wrapped([looking.verdict(judged)], width()))
    say("\nLists, with the chance that somebody who gets them takes the item:")
    titles = taken["items"].titles if "items" in taken else {}
    people = list(looking.lists_of_people(model, data.interactions, titles))
    items = list(looking.lists_of_items(model, data.interactions, titles))
    for shown in people:
        say(_list(f"{shown.name} gets", shown))
    for shown in items:
        say(_list(f"Like {shown.name}", shown))
    output: Path = options.output
    lists, report, stored = output / "lists.csv", output / "report.html", output / "model"
    write_lists(lists, model.user_ids.tolist(), lambda block: model.recommend(block, 25), csv=True)
    name = found.interactions.name
    setting = Setting.of(
        name, data.interactions, holdout, looking.PROTOCOL, seed=looking.SEED, made=datetime.now(UTC)
    )
    write_html(report, f"{name}: the newest tenth held back", judged, setting)
    artifacts.save(model, stored)
    if options.json:
        written = {"lists": lists, "report": report, "model": stored}
        tell(
            {
                "setting": setting,
                "repeated": looking.repeats(data.interactions),
                "own_items": data.own_items,
                "files": {role: _file(one) for role, one in taken.items()},
                **models_of(judged),
                "people": [_shown(one) for one in people],
                "items": [_shown(one) for one in items],
                "written": written,
            }
        )
    say(f"\n{lists}: everybody's 25 best; {report}: all metrics")
    say(f"{stored}: python -m engine recommend --model {stored} PERSON")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _nothing(_text: str) -> None:
    pass


def progress(text: str) -> None:
    """On a terminal in one line that comes and goes; else nothing."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}{' ...' if text else ''}")
        sys.stderr.flush()


def _read(
    found: files.Files, columns: Mapping[str, str], folder: Path, options: argparse.Namespace
) -> tuple[TrainingData, dict[str, Taken]]:
    """All that is wrong with any of the files at once. Raises: EngineError."""
    taken: dict[str, Taken] = {}
    problems = []
    for role in files.ROLES:
        path: Path | None = getattr(found, role)
        if path is not None:
            progress(f"{path.name} is read")
            most = options.most if role == "interactions" else None
            try:
                taken[role] = converted(role, path, folder, columns, now=time.time(), most=most, say=progress)
            except EngineError as problem:
                problems.append(str(problem))
    progress("")
    if problems:
        raise ConfigError("\n".join(problems))
    paths = {role: one.path for role, one in taken.items()}
    data = loading.load(
        paths["interactions"],
        items=paths.get("items"),
        users=paths.get("users"),
        least_value=options.least_value,
    )
    if options.least_value is not None and not len(data.interactions):
        raise ConfigError(f"no event has a value of at least {options.least_value:g}")
    return looking.with_repeats(data, options.own_items), taken


def _columns(pairs: list[str]) -> dict[str, str]:
    """Raises: ConfigError."""
    split = [pair.partition("=") for pair in pairs]
    wrong = [pair for pair, (name, sign, value) in zip(pairs, split, strict=True)
             if name.upper() not in MEANINGS or not (sign and value)]  # fmt: skip
    if wrong:
        raise ConfigError(
            f"--column takes MEANING=NAME, got {' '.join(wrong)}; a meaning is one of {', '.join(MEANINGS)}"
        )
    return {name.upper(): value for name, _, value in split}


def _facts(data: TrainingData, taken: Mapping[str, Taken], *, asked: bool | None) -> Iterator[str]:
    events = data.interactions
    active, touched = (len(set(codes.tolist())) for codes in (events.users, events.items))
    first, last = (
        datetime.fromtimestamp(int(at), UTC).date() for at in (events.times.min(), events.times.max())
    )
    yield f"{len(events):,} events of {active:,} people with {touched:,} items, {first} to {last}"
    for role, one in taken.items():
        yield f"  {one.file.name} ({role})"
        for meaning, name in one.columns.items():
            yield f"    {meaning}: {name}"
        if one.written:
            how = ", ".join(f"{count:,} {what}" for what, count in one.written.most_common())
            yield f"    times: {how}" + (" (UTC, if without a zone)" if one.written["dates"] else "")
        for reason, count in one.left_out.most_common():
            yield f"    left out: {count:,} rows with {reason}"
        if one.share < 1:
            yield f"    taken: the events of {one.share:.1%} of the people (--most takes more)"
    lists = "may hold" if data.own_items else "leave out"
    why = "" if asked is None else ", as asked"
    yield f"  {looking.repeats(events):.0%} of events are with an item that the person had before:"
    yield f"  lists {lists} what people have{why}"
    if "EVENT_VALUE" in taken["interactions"].columns:
        name = taken["interactions"].columns["EVENT_VALUE"]
        yield f"  every {name} counts alike; --least-value X leaves out what is rated lower"


def _table(judged: Sequence[Evaluation]) -> str:
    """What fits a terminal; the report has everything."""
    rows = [["model", *_FIGURES, "seconds"]]
    for one in judged:
        means = {name: estimate.mean for name, estimate in one.metrics.items()} | one.figures
        rows.append([one.name, *(f"{means[name]:.4f}" for name in _FIGURES), f"{one.train_seconds:.1f}"])
    return folded(rows, width())


def _list(title: str, shown: looking.Shown) -> str:
    head = "\n" + wrapped([f"{title}  ({shown.about})"], width())
    entries = [
        f"  {place:2}. {name[:_NAME_LETTERS]:<{_NAME_LETTERS}} {score:.3f}"
        for place, (name, score) in enumerate(shown.entries, 1)
    ]
    return "\n".join([head, *entries])


def _shown(one: looking.Shown) -> dict[str, Any]:
    entries = [{"name": name, "score": score} for name, score in one.entries]
    return {"name": one.name, "about": one.about, "list": entries}


def _file(one: Taken) -> dict[str, Any]:
    """columns: by meaning. left_out: rows by reason. share: of the people whose rows were taken."""
    facts = {"file": one.file, "columns": one.columns, "rows": one.rows}
    return {**facts, "left_out": one.left_out, "times": one.written, "share": one.share}
