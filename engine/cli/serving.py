"""recommend, similar and batch: use a stored model."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm

from engine.cli.arguments import count
from engine.cli.as_json import add_json, tell
from engine.data.csv_dialect import quoted
from engine.ground.errors import ConfigError, DataError
from engine.serving import artifacts
from engine.serving.recommender import Recommendation
from engine.serving.reranking import Rerank

if TYPE_CHECKING:
    from engine.cli.arguments import Commands

BLOCK = 10_000
_SHOWN = 60


def add_commands(commands: "Commands") -> None:
    recommend = commands.add_parser("recommend", help="items for some users")
    _model(recommend)
    recommend.add_argument("user", nargs="+")
    recommend.add_argument(
        "--recent", action="append", default=[], metavar="ITEM", help="just touched, oldest first"
    )
    _choice(recommend)
    add_json(recommend)
    recommend.set_defaults(run=run_recommend)
    similar = commands.add_parser("similar", help="items like some items")
    _model(similar)
    similar.add_argument("item", nargs="+")
    add_json(similar)
    similar.set_defaults(run=run_similar)
    batch = commands.add_parser("batch", help="items for all users, or for those of a file")
    _model(batch)
    batch.add_argument("--output", type=Path, required=True, metavar="FILE")
    batch.add_argument(
        "--users", type=Path, metavar="FILE", help='JSON Lines of {"userId": ...} or ids, one a line'
    )
    batch.add_argument("--format", choices=("personalize", "csv"), default="personalize")
    _choice(batch)
    add_json(batch)
    batch.set_defaults(run=run_batch)


def run_recommend(options: argparse.Namespace) -> None:
    model = artifacts.load(options.model)
    recent = {user: options.recent for user in options.user} if options.recent else None
    lists = model.recommend(
        options.user,
        options.n,
        recent=recent,
        at_least=options.at_least,
        rerank=_rerank(options),
        context=_context(options),
    )
    _show(options.user, lists, as_json=options.json)


def run_similar(options: argparse.Namespace) -> None:
    lists = artifacts.load(options.model).similar_items(options.item, options.n)
    _show(options.item, lists, as_json=options.json)


def run_batch(options: argparse.Namespace) -> None:
    model = artifacts.load(options.model)
    users = model.user_ids.tolist() if options.users is None else _users(options.users)
    rerank, context = _rerank(options), _context(options)

    def lists(block: Sequence[str]) -> list[Recommendation]:
        return model.recommend(block, options.n, at_least=options.at_least, rerank=rerank, context=context)

    write_lists(options.output, users, lists, csv=options.format == "csv")
    if options.json:
        tell({"output": options.output, "users": len(users)})
    else:
        print(f"{options.output}: {len(users):,} users")


def write_lists(
    path: Path, users: Sequence[str], lists: Callable[[Sequence[str]], Iterable[Recommendation]], *, csv: bool
) -> None:
    """As CSV or as the output of an Amazon Personalize batch inference job; all of it or nothing."""
    lines = _csv_lines if csv else personalize_lines
    with _replacing(path) as file, tqdm(total=len(users), leave=False, disable=None) as bar:
        if csv:
            file.write("USER_ID,RANK,ITEM_ID,SCORE\n")
        for start in range(0, len(users), BLOCK):
            block = users[start : start + BLOCK]
            file.writelines(lines(block, lists(block)))
            bar.update(len(block))


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file beside `path` that takes its place once all is written; what was there stays until then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _csv_lines(users: Iterable[str], lists: Iterable[Recommendation]) -> Iterable[str]:
    for user, got in zip(users, lists, strict=True):
        for rank, (item, score) in enumerate(zip(got.item_ids, got.scores, strict=True), start=1):
            yield f"{quoted(user)},{rank},{quoted(item)},{score:.6g}\n"


def personalize_lines(users: Iterable[str], lists: Iterable[Recommendation]) -> Iterable[str]:
    """The output lines of an Amazon Personalize batch inference job."""
    for user, got in zip(users, lists, strict=True):
        output = {"recommendedItems": got.item_ids, "scores": got.scores}
        line = {"input": {"userId": user}, "output": output, "error": None}
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _users(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise DataError(f"{path}: not UTF-8: {problem}") from None
    lines = text.replace("\r\n", "\n").split("\n")
    return [_user(path, line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _user(path: Path, line: str, number: int) -> str:
    """The id that a line is, or the one in its JSON."""
    if not line.lstrip().startswith("{"):
        return line
    try:
        user = json.loads(line)["userId"]
    except (ValueError, KeyError):
        user = None
    if isinstance(user, bool) or not isinstance(user, str | int):
        raise ConfigError(
            f'{path}: every line must be a user id or {{"userId": "..."}}; line {number} is {line[:_SHOWN]!r}'
        )
    return str(user)


def _show(names: Sequence[str], lists: Sequence[Recommendation], *, as_json: bool) -> None:
    """As JSON under `lists`, in the order of the names: id, and items with id and score, best first."""
    if as_json:
        tell({"lists": [_listed(name, got) for name, got in zip(names, lists, strict=True)]})
        return
    for name, got in zip(names, lists, strict=True):
        pairs = zip(got.item_ids, got.scores, strict=True)
        sys.stdout.write(f"{name}: {', '.join(f'{item} ({score:.4g})' for item, score in pairs)}\n")


def _listed(name: str, got: Recommendation) -> dict[str, object]:
    pairs = zip(got.item_ids, got.scores, strict=True)
    return {"id": name, "items": [{"id": item, "score": score} for item, score in pairs]}


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", type=Path, required=True, metavar="FILE")
    command.add_argument("-n", type=count, default=25, help="at most so many items (default 25)")


def _choice(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at-least", type=float, metavar="CHANCE", help="leave out items below this score")
    command.add_argument("--diversity", type=float, default=0.0, help="0..1, variety within a list")
    command.add_argument("--popularity-penalty", type=float, default=0.0, help="0..1, less of the popular")
    command.add_argument(
        "--new-items", type=float, default=0.0, help="0..1, share of a list for items that nobody has touched"
    )
    command.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="the circumstances they ask in; what the model has not learned has no effect",
    )


def _rerank(options: argparse.Namespace) -> Rerank | None:
    if options.diversity == options.popularity_penalty == options.new_items == 0:
        return None
    return Rerank(
        diversity=options.diversity,
        popularity_penalty=options.popularity_penalty,
        new_items=options.new_items,
    )


def _context(options: argparse.Namespace) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in options.context]
    if not all(name and sign for name, sign, _ in pairs):
        raise ConfigError(f"--context takes COLUMN=VALUE, got {' '.join(options.context)}")
    return {name.upper(): value for name, _, value in pairs}
