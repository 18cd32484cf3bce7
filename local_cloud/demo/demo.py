"""The demo: data in, the scheduled workflows run, and what came out of it."""

import sys
import textwrap
from dataclasses import replace

from config import place
from config.types.demonstration import Demo, Loader, NoData
from config.use_cases import USE_CASES
from local_cloud.demo import alarms, collect
from local_cloud.demo.baseline import BaselineFailed
from local_cloud.demo.executions import RunFailed, run_all, scheduled_starts
from local_cloud.demo.render import render
from local_cloud.demo.text_tables import page_width
from local_cloud.ground.clients import client
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import NoApi
from local_cloud.machine.progress import Progress

_SECONDS = len(" 123.4 s  ")
FAILURES = (NoData, RunFailed, BaselineFailed, NoApi)


def known() -> Demo:
    """Raises: NoData, if the configuration does not say where data comes from."""
    if demo := place.demo():
        return demo
    raise NoData(
        f"{place.part('demo.py')} is missing: a Demo of config/types/demonstration.py, which fills the "
        "database and says what people and items are called. Or `make up`, and fill the database yourself"
    )


def source_of(demo: Demo, named: str | None) -> Loader:
    """Raises: NoData, if there is no data of that name."""
    name = named or next(iter(demo.sources))
    if name not in demo.sources:
        raise NoData(f"--data {name}: there is no such data, but {', '.join(demo.sources)}")
    return demo.sources[name]


def run(cloud: Cloud, progress: Progress, demo: Demo, loader: Loader) -> int:
    """On a cloud that is up; returns the exit code, which is 1 if a run or a check failed."""
    try:
        _run(cloud, progress, demo, loader)
    except FAILURES as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    return 0


def _wrapped(text: str) -> str:
    """After the seconds at the beginning of a line, and below that."""
    return textwrap.fill(
        text, page_width() - _SECONDS, subsequent_indent=" " * _SECONDS, break_on_hyphens=False
    )


def _run(cloud: Cloud, progress: Progress, demo: Demo, loader: Loader) -> None:
    settings, dsn = cloud.settings, cloud.database().dsn
    progress.say(_wrapped(f"loaded: {loader(dsn, progress.say)}"))
    starts = scheduled_starts(client(settings, "scheduler"))
    if not starts:
        raise RunFailed("no schedule starts a workflow: is the stage deployed?")
    for given in dict.fromkeys(start.input for start in starts):
        names = ", ".join(start.name for start in starts if start.input == given)
        progress.say(_wrapped(f"starting as their schedules do, with {given}: {names}"))
    with progress.step(f"{len(starts)} workflows have run"):
        runs = run_all(client(settings, "stepfunctions"), starts, progress.say)
    with progress.step("measured popularity, read all back, asked the API, set an alarm off"):
        alarm = alarms.set_off(settings)
        report = collect.report(settings, dsn, USE_CASES, runs, demo)
        report = replace(report, checks=(*report.checks, *alarms.checks(alarm)))
    progress.show(f"\n{render(report, page_width())}")
    if failed := sum(not check.holds for check in report.checks):
        raise RunFailed(f"{failed} of {len(report.checks)} checks failed, see above")
