"""The commands of `python -m local_cloud`."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import NoReturn
from urllib.request import urlopen

from config.stages import LOCAL_STANDBY
from config.types.demonstration import NoData
from local_cloud import exports, outbox, regional, showing, tokens
from local_cloud.ground import options as kinds
from local_cloud.ground.settings import DEFAULT_PORT
from local_cloud.judge import show as rights
from local_cloud.judge.losses import Deployed, losses
from local_cloud.judge.recording import PATH, recorded
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cdk import FOLDER, NotInstalled
from local_cloud.lifecycle.cloud import DEFAULT_RIGHTS, TIME_SCALE, Cloud, all_or_nothing
from local_cloud.lifecycle.regions import RegionsRefused
from local_cloud.machine import postgres, processes, state
from local_cloud.machine.commands import CommandFailed, Interrupted
from local_cloud.machine.ports import PortTaken
from local_cloud.machine.progress import Progress, silence
from local_cloud.outbox import show
from local_cloud.outbox.pages import PAGES, write_pages

OK, FAILED, NOT_UP, INTERRUPTED = 0, 1, 3, 130
# Of what is printed; as a shell says that a program has ended by SIGPIPE.
UNREAD = 141

_EXPECTED = (
    clouds.AlreadyUp,
    CommandFailed,
    Interrupted,
    NoData,
    NotInstalled,
    PortTaken,
    postgres.PostgresFailed,
    processes.StartFailed,
    RegionsRefused,
    state.Busy,
    state.NotOurs,
    state.Unreadable,
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    run: Callable[[Cloud, argparse.Namespace], int] = options.run
    # A polite end is an interruption: both undo what was begun.
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, _interrupt)
    try:
        scale, how = getattr(options, "time_scale", TIME_SCALE), getattr(options, "rights", DEFAULT_RIGHTS)
        standby = getattr(options, "standby", False)
        cloud = clouds.find(options.folder, options.port, scale, how, standby)
        if getattr(options, "fresh", False):
            _down(cloud, options)
        code = run(cloud, options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        silence(sys.stdout)
        return UNREAD
    except _EXPECTED as problem:
        print(f"local_cloud: {problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("local_cloud: interrupted; everything that this command started is stopped", file=sys.stderr)
        return INTERRUPTED


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    """Once: what is undone then must not be interrupted itself."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, signal.SIG_IGN)
    print("\nlocal_cloud: stopping", file=sys.stderr)
    raise KeyboardInterrupt


def _up(cloud: Cloud, options: argparse.Namespace) -> int:
    progress = Progress()
    with cloud.state.locked(), all_or_nothing(cloud):
        begin = clouds.start if options.servers_only else clouds.up
        begin(replace(cloud, schedules_fire=options.clock), progress)
    progress.say("the local cloud is up")
    progress.show(exports.how_to_use(cloud))
    return OK


def _demo(cloud: Cloud, options: argparse.Namespace) -> int:
    if options.csv is not None:
        from engine.cli.main import main as engine

        return engine(["look", options.csv])
    from local_cloud.demo import demo

    known = demo.known()
    if options.data not in (None, *known.sources):
        options.misused(f"there is no data {options.data!r}: choose from {', '.join(known.sources)}")
    loader = demo.source_of(known, options.data)

    def run(progress: Progress) -> int:
        clouds.up(cloud, progress)
        return demo.run(cloud, progress, known, loader)

    return _shown(cloud, options, run)


def _drill(cloud: Cloud, options: argparse.Namespace) -> int:
    from local_cloud.drill import drill

    both, parts = replace(cloud, standby=True), drill.configured()

    def run(progress: Progress) -> int:
        clouds.up(both, progress)
        return drill.run(both, progress, parts)

    return _shown(both, options, run)


def _demo_migration(cloud: Cloud, options: argparse.Namespace) -> int:
    from local_cloud.migration import demo

    return _shown(cloud, options, lambda progress: demo.run(cloud, progress, seed=options.seed))


def _shown(cloud: Cloud, options: argparse.Namespace, run: Callable[[Progress], int]) -> int:
    progress = Progress()
    with cloud.state.locked(), all_or_nothing(cloud):
        code = run(progress)
        if options.down:
            clouds.down(cloud)
            cloud.state.remove()
            progress.say("everything is stopped")
    if not options.down:
        progress.show(exports.how_to_use(cloud))
    return code


def _down(cloud: Cloud, options: argparse.Namespace) -> int:
    folder = cloud.state.path
    if folder.exists() and not cloud.state.ours:
        print(f"nothing was running; {folder} is not a local cloud's folder and stays as it is")
        return OK
    with cloud.state.locked() if folder.exists() else nullcontext():
        existed = clouds.down(cloud)
        cloud.state.remove()
    print("the local cloud is stopped, its state is deleted" if existed else "nothing was running")
    return OK


def _outbox(cloud: Cloud, options: argparse.Namespace) -> int:
    folder = cloud.state.path
    if folder.exists() and not cloud.state.ours:
        raise state.NotOurs(f"{folder} is not a local cloud's folder")
    if options.empty:
        print(f"{outbox.empty(folder)} messages are forgotten")
        return OK
    every = list(outbox.emails(folder)), list(outbox.pushes(folder))
    emails, pushes = show.chosen(*every, to=options.to, last=options.last)
    if options.json:
        print(show.as_json(emails, pushes))
        return OK
    paths = write_pages(outbox.folder(folder) / PAGES, emails) if emails else []
    print("\n".join(show.as_text(emails, pushes, paths)))
    return OK


def _rights(cloud: Cloud, options: argparse.Namespace) -> int:
    if not (record := cloud.state.read()) or not record.complete:
        print("the local cloud is not up", file=sys.stderr)
        return NOT_UP
    deployed = replace(cloud, port=record.port)
    with urlopen(f"{deployed.settings.endpoint_url}{PATH}", timeout=60) as answer:
        policies = Deployed.from_json(json.load(answer))
    calls = list(recorded(cloud.state.path))
    found = losses(policies, calls)
    if options.json:
        print(rights.as_json(found, calls))
    else:
        print("\n".join(rights.as_text(found, calls, everything=options.all)))
    whole = all(each.explained for each in found) and all(each.allowed for each in calls)
    return OK if whole else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_cloud", description="AWS on this machine.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--folder", type=kinds.folder, default=FOLDER,
        help="where its state is (default: %(default)s)",
    )  # fmt: skip
    common.add_argument(
        "--port", type=kinds.port(4),
        help=f"of AWS; Personalize, PostgreSQL and the API get the next three (default: {DEFAULT_PORT})",
    )  # fmt: skip
    starting = argparse.ArgumentParser(add_help=False)
    starting.add_argument(
        "--time-scale", type=kinds.time_scale, default=TIME_SCALE, metavar="N",
        help="seconds of a workflow's wait that pass in one second (default: %(default)g)",
    )  # fmt: skip
    starting.add_argument(
        "--rights", type=kinds.rights, default=DEFAULT_RIGHTS, metavar="{off,warn,enforce}",
        help="what becomes of a call that deployed policies do not allow (default: enforce)",
    )  # fmt: skip
    starting.add_argument(
        "--standby", action="store_true",
        help=f"also in the stage's standby region, {LOCAL_STANDBY.region}; once there, it stays",
    )  # fmt: skip
    starting.add_argument("--fresh", action="store_true", help="delete all that is there first, data too")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(
        name: str, run: Callable[[Cloud, argparse.Namespace], int], text: str, *more: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[common, *more])
        command.set_defaults(run=run, misused=command.error)
        return command

    up = add("up", _up, "start the servers and deploy; again: deploy what has changed", starting)
    up.add_argument("--servers-only", action="store_true", help="deploy nothing")
    up.add_argument(
        "--clock", action="store_true", help="schedules fire by a clock that goes as fast as waits pass"
    )
    demo = add(
        "demo", _demo, "up, load the data that config/demo.py names, retrain, show what people get", starting
    )
    demo.add_argument("--data", metavar="NAME", help="one of `sources` there (default: the first of them)")
    text = "instead, lists and metrics of your own CSV or Parquet files; `python -m engine look` says more"
    demo.add_argument("--csv", metavar="FOLDER", help=text)
    demo.add_argument("--keep", action="store_true", help="leave everything running afterwards (the default)")
    demo.add_argument("--down", action="store_true", help="stop everything afterwards")
    migration = add(
        "demo-migration", _demo_migration,
        "simulated people, day by day: a heuristic, Personalize, the own model, and Personalize left behind",
        starting,
    )  # fmt: skip
    migration.add_argument("--seed", type=kinds.seed, default=1, help="of the people (default: %(default)s)")
    migration.add_argument("--down", action="store_true", help="stop everything afterwards")
    drill = add(
        "drill", _drill,
        "up in both regions; one is lost under traffic, the other takes over, the first comes back: what is "
        "promised is measured and checked", starting,
    )  # fmt: skip
    drill.add_argument("--down", action="store_true", help="stop everything afterwards")
    add("down", _down, "stop everything and delete its state")
    showing.add_to(add("status", showing.run_status, "what runs, what is deployed, what is served"))
    text = 'environment variables to use it by: eval "$(python -m local_cloud env)"'
    showing.add_to(add("env", showing.run_env, text))
    judged = add(
        "rights", _rights,
        "the statements of deployed policies: by which call the loss of each is noticed, or why by none; "
        f"ends with {FAILED} if there is one without a reason, or a call was refused",
    )  # fmt: skip
    judged.add_argument("--json", action="store_true", help="as a JSON document")
    judged.add_argument("--all", action="store_true", help="also statements whose loss is noticed")
    region = add(
        "region", regional.run,
        "regions of the cloud: lose one and have it back, and how copies travel between them",
    )  # fmt: skip
    regional.add_to(region)
    tokens.add_to(add("token", tokens.run, "a token of a user, for an hour, as people's apps have them"))
    sent = add("outbox", _outbox, "the e-mails and push messages that would have been sent; e-mails as HTML")
    sent.add_argument("--json", action="store_true", help="as a JSON document")
    sent.add_argument("--last", type=kinds.positive, metavar="N", help="the newest N only")
    sent.add_argument(
        "--to", metavar="ADDRESS", help="those to this address, or to the device with this token"
    )
    sent.add_argument("--empty", action="store_true", help="forget all of them")
    return parser
