"""The demo: sample data in, the scheduled workflows run, and what came out of it."""

import sys
from dataclasses import replace

from config.use_cases import USE_CASES
from local_cloud.demo import alarms, collect
from local_cloud.demo.baseline import BaselineFailed
from local_cloud.demo.executions import RunFailed, run_all, scheduled_starts
from local_cloud.demo.render import render
from local_cloud.ground.clients import client
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import NoApi
from local_cloud.machine.progress import Progress
from sample_database import movielens
from sample_database.generated import Scale
from sample_database.load import LoadFailed, Source, load, source_community
from sample_database.movielens import MovieLensUnavailable

# MovieLens 100K's order of size: a busy machine trains on it long before a workflow loses patience.
_GENERATED = Scale(users=3_000, posts=600)
FAILURES = (MovieLensUnavailable, LoadFailed, RunFailed, BaselineFailed, NoApi)


def run(cloud: Cloud, progress: Progress, *, source: Source = "movielens", scale: Scale | None = None) -> int:
    """On a cloud that is up; returns the exit code, which is 1 if a run or a check failed."""
    try:
        _run(cloud, progress, source, scale or (_GENERATED if source == "generated" else Scale()))
    except FAILURES as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    return 0


def _run(cloud: Cloud, progress: Progress, source: Source, scale: Scale) -> None:
    settings, dsn = cloud.settings, cloud.database().dsn
    if source == "movielens":
        progress.say(f"MovieLens 100K and its terms\n\n{movielens.LICENCE}\n")
    loaded = load(dsn, source_community(source, scale))
    progress.say(f"loaded {sum(loaded.rows.values()):,} rows in {loaded.seconds:.1f} s")
    progress.say(loaded.description)
    starts = scheduled_starts(client(settings, "scheduler"))
    if not starts:
        raise RunFailed("no schedule starts a workflow: is the stage deployed?")
    for start in starts:
        progress.say(f"starting {start.name} as its schedule does, with {start.input}")
    with progress.step(f"{len(starts)} workflows have run"):
        runs = run_all(client(settings, "stepfunctions"), starts, progress.say)
    with progress.step(
        "measured popularity beside the models, read everything back, asked the API, set an alarm off"
    ):
        alarm = alarms.set_off(settings)
        report = collect.report(settings, dsn, USE_CASES, runs)
        report = replace(report, checks=(*report.checks, *alarms.checks(alarm)))
    progress.show(f"\n{render(report)}")
    if failed := sum(not check.holds for check in report.checks):
        raise RunFailed(f"{failed} of {len(report.checks)} checks failed, see above")
