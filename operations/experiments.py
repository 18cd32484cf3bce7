"""Experiments: which there is, who changed what and why, and every change of it."""

from __future__ import annotations

import argparse
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from config.derived.names import serving_table_name
from operations import plan
from pipeline.errors import ChangeRefused
from pipeline.experiments import changes
from pipeline.experiments.changes import PHASES, Design, Note
from pipeline.experiments.experiment import AA, BUCKETS, CONTROL, RUNNING, SHADOW, TREATMENT, Arm, Experiment
from pipeline.experiments.store import ExperimentStore, Past
from pipeline.generations import Generations
from pipeline.regions.fence import active_here
from pipeline.times import iso

EXPERIMENT, PLAN = "experiment", "plan"
START, STEP, APPROVE, PAUSE, RESUME, BACK, FULL, STOP, SHOW = (
    *("start", "step", "approve", "pause", "resume", "back", "full", "stop", "show"),
)
_HELP = {
    START: "begin one, with a new salt; as a shadow unless a later phase is named",
    STEP: "to a later phase, to more people, or with further testers",
    APPROVE: "the ramp's next step, once its time and its figures allow it",
    PAUSE: "nobody new takes part until it is resumed; arms stay",
    RESUME: "after a pause, or after a return",
    BACK: "everybody gets the default variant's lists at once; arms stay",
    FULL: "everybody gets the treatment's lists, but those who are held back",
    STOP: "end it: no arms, and the default variant for all",
    SHOW: "its state, and who changed what, when and why",
}
_EXAMPLES = """\
examples:
  python -m operations experiment start --stage prod --use-case films --why "as good, and cheaper" \\
      --hypothesis "own leads to as many likes" --metric "likes per impression"
  python -m operations experiment step --stage prod --use-case films --phase running --expose 20% --why "..."
  python -m operations experiment back --stage prod --use-case films --why "empty lists since 12:00"
  python -m operations experiment show --stage prod --use-case films --json
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> Any:
    """Answers where further commands about experiments can be added."""
    experiment = commands.add_parser(
        EXPERIMENT,
        help="who gets whose lists: plan, start, step, approve, pause, resume, back, full, stop, show",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    of = argparse.ArgumentParser(add_help=False, parents=[common])
    of.add_argument("--use-case", required=True, help="by its name in the configuration")
    of.add_argument("--json", action="store_true", help="print the result as JSON")
    change = argparse.ArgumentParser(add_help=False, parents=[of])
    change.add_argument("--why", required=True, help="kept with the change")
    change.add_argument("--by", help="who changes it (default: the ARN of the caller's identity)")
    actions = experiment.add_subparsers(dest="action", required=True, metavar="action")
    parsers = {
        name: actions.add_parser(name, parents=[of if name == SHOW else change], help=text)
        for name, text in _HELP.items()
    }
    plan.add_arguments(actions.add_parser(PLAN, help="how many people it needs, before it begins"))
    _add_start(parsers[START])
    for name in (START, STEP):
        parsers[name].add_argument("--phase", choices=PHASES, default=SHADOW if name == START else None)
        parsers[name].add_argument(
            "--expose", type=_share, metavar="SHARE", help="of all people: of 10,000, or as 20%%"
        )
        parsers[name].add_argument(
            "--override",
            type=_override,
            action="append",
            default=[],
            metavar="USER=ARM",
            help="of a tester",
        )
    parsers[FULL].add_argument(
        "--hold-back", type=_share, required=True, metavar="SHARE", help="1%% to 5%%, of the control arm"
    )
    return actions


def _add_start(start: argparse.ArgumentParser) -> None:
    start.add_argument("--hypothesis", required=True, help="what is expected, in a sentence")
    start.add_argument("--metric", required=True, help="by which it is decided")
    start.add_argument("--control", default="personalize", help="the default variant (default: %(default)s)")
    start.add_argument("--treatment", default="own", help="the other variant (default: %(default)s)")
    start.add_argument(
        "--weight", type=_share, default=BUCKETS // 2, help="of the treatment's arm (default: 50%%)"
    )
    start.add_argument("--salt", help="decides who is where (default: a random one)")


def _share(text: str) -> int:
    """Of 10,000."""
    try:
        share = float(text.removesuffix("%")) * (BUCKETS / 100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not share.is_integer() or not 0 <= share <= BUCKETS:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be a whole number up to {BUCKETS:,}, or a share as 20%"
        )
    return int(share)


def _override(text: str) -> tuple[str, str]:
    user, _, arm = text.rpartition("=")
    if not user or not arm:
        raise argparse.ArgumentTypeError(f"{text!r} must be USER=ARM, such as 196={TREATMENT}")
    return user, arm


def run(options: argparse.Namespace, clients: Any, clock: Callable[[], float] = time.time) -> None:
    """clients: makes an AWS client for a service's name.

    Raises: InvalidInput, of a plan; ChangeRefused, with everything that speaks against a change;
    ExperimentChanged, ExperimentBroken, UnknownFormat; Fenced, of a change, if another region is active.
    """
    if options.action == PLAN:
        print(plan.run(options))
        return
    client = clients("dynamodb")
    store = ExperimentStore(client, serving_table_name(options.stage), options.use_case)
    if options.action == SHOW:
        _show(store, as_json=options.json)
        return
    active_here(client, store.table)
    current = store.current()
    # What was lost goes on from where it was.
    before = current or store.version(store.newest_version())
    by = options.by or clients("sts").get_caller_identity()["Arn"]
    note = Note(by=by, why=options.why, at=iso(clock()))
    after = _changed(options, before, note, region=client.meta.region_name, published=_published(store))
    store.change(current, after)
    if options.json:
        print(json.dumps(_as_json(after), indent=2))
    else:
        came_from = f", not {before.words}" if before and before.words != after.words else ""
        print(f"{options.use_case}: version {after.version} is {after.words} now{came_from}")
        print("\n".join(_described(after)))


def _published(store: ExperimentStore) -> Callable[[str], bool]:
    def published(variant: str) -> bool:
        return Generations(store.client, store.table, store.use_case, variant).pointer() is not None

    return published


def _changed(
    options: argparse.Namespace,
    before: Experiment | None,
    note: Note,
    *,
    region: str,
    published: Callable[[str], bool],
) -> Experiment:
    """Raises: ChangeRefused."""
    refused: list[str] = []
    after = None
    try:
        after = _asked_for(options, before, note, region)
    except ChangeRefused as error:
        refused += str(error).splitlines()
    refused += _unpublished(options, before, published)
    if after is None or refused:
        listed = "".join(f"\n  - {reason}" for reason in refused)
        raise ChangeRefused(f"{options.use_case}: the experiment stays as it is:{listed}")
    return after


def _asked_for(options: argparse.Namespace, before: Experiment | None, note: Note, region: str) -> Experiment:
    """Raises: ChangeRefused."""
    if options.action == START:
        arms = (
            Arm(TREATMENT, options.treatment, options.weight),
            Arm(CONTROL, options.control, BUCKETS - options.weight),
        )
        design = Design(
            salt=options.salt or secrets.token_hex(8),
            arms=arms,
            hypothesis=options.hypothesis,
            metric=options.metric,
            phase=options.phase,
            exposure=options.expose or 0,
            overrides=dict(options.override),
            region=region,
        )
        return changes.started(before, design, note, version=(before.version if before else 0) + 1)
    if before is None:
        raise ChangeRefused("there is none yet: start one")
    if options.action == STEP:
        return changes.stepped(
            before, note, phase=options.phase, exposure=options.expose, overrides=dict(options.override)
        )
    if options.action == FULL:
        return changes.filled(before, note, held_back=options.hold_back)
    plain = {
        APPROVE: changes.approved,
        PAUSE: changes.paused,
        RESUME: changes.resumed,
        BACK: changes.returned,
        STOP: changes.stopped,
    }
    return plain[options.action](before, note)


def _unpublished(
    options: argparse.Namespace, before: Experiment | None, published: Callable[[str], bool]
) -> Iterator[str]:
    """Whoever gets lists of a variant, needs that there are some."""
    if options.action == START:
        variants: Sequence[str] = (options.treatment, options.control)
        phase = options.phase
    else:
        variants = [arm.variant for arm in before.arms] if before else []
        phase = {FULL: RUNNING, RESUME: RUNNING}.get(options.action, getattr(options, "phase", None))
    if phase in (AA, RUNNING):
        for variant in dict.fromkeys(variants):
            if not published(variant):
                yield f"nothing is published yet for {variant}: run it first, in shadow"


def _show(store: ExperimentStore, *, as_json: bool) -> None:
    """Raises: ExperimentBroken, UnknownFormat, if the current one cannot be read."""
    history = list(store.history())
    if as_json:
        current = store.current()
        told = {
            "useCase": store.use_case,
            "current": _as_json(current) if current else None,
            "history": [_past_json(past) for past in history],
        }
        print(json.dumps(told, indent=2))
        return
    for past in history:
        print(_line(past))
    current = store.current()
    if current is None and not history:
        print(f"{store.use_case}: no experiment in {store.table}")
    elif current is None:
        print(
            f"{store.use_case}: the current version is missing, and the default variant answers everybody; "
            f"the next change goes on from version {history[-1].number}"
        )
    else:
        print(f"{store.use_case}: version {current.version} is {current.words}")
        print("\n".join(_described(current)))


def _line(past: Past) -> str:
    known = past.experiment
    if known is None:
        return f"{past.number:>6}  {past.unreadable}"
    held = f", {known.held_back:,} held back" if known.held_back else ""
    return (
        f"{past.number:>6}  {known.changed_at}  {known.words:<8}  exposure {known.exposure:,}{held}  "
        f"{known.changed_by}: {known.why}"
    )


def _described(experiment: Experiment) -> Iterator[str]:
    yield f"  hypothesis  {experiment.hypothesis}"
    yield f"  metric      {experiment.metric}"
    yield f"  exposure    {_percent(experiment.exposure)} of all people"
    for arm in experiment.arms:
        yield f"  {arm.name:<10}  {_percent(arm.weight)} of them, {arm.variant}"
    if experiment.approval:
        yield f"  approval    of the next step: {experiment.approval}"
    if experiment.held_back:
        yield f"  held back   {_percent(experiment.held_back)} of all people"
    for user, arm_name in sorted(experiment.overrides.items()):
        yield f"  tester      {user} in {arm_name}"
    yield f"  started     {experiment.started_at}, salt {experiment.salt}"


def _percent(share: int) -> str:
    return f"{100 * share / BUCKETS:g} %"


def _as_json(experiment: Experiment) -> Mapping[str, Any]:
    return {name: value for name, value in asdict(experiment).items() if name != "more" and value is not None}


def _past_json(past: Past) -> Mapping[str, Any]:
    if past.experiment is None:
        return {"version": past.number, "unreadable": past.unreadable}
    return _as_json(past.experiment)
