"""`demo-migration`: the story is played on a cloud that is up, and what it claims is checked."""

import os
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

from local_cloud.ground.clock import Clock
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cdk import ROOT, Deployment
from local_cloud.lifecycle.cloud import AlreadyUp, Cloud
from local_cloud.lifecycle.serving_api import NoApi
from local_cloud.machine.commands import Commands
from local_cloud.machine.progress import Progress
from local_cloud.migration.days import Days
from local_cloud.migration.findings import of_answers, of_conversions
from local_cloud.migration.place import PartFailed, Place
from local_cloud.migration.stage import STAGE
from local_cloud.migration.story import Story
from trial_data.application import NotAnswered
from trial_data.figures import conversions, table
from trial_data.people import town

SEED, PEOPLE, DAYS_AGO = 1, 240, 21
_WIDTH = 80
_FAILURES = (PartFailed, NotAnswered, NoApi)
_BEGIN = """\

People, their tastes and what they do are SIMULATED, and so are the days: the
cloud's clock begins {days} days ago and is set forward from morning to morning.
Personalize is played by this repository's server. All else is what is deployed.
"""


def run(cloud: Cloud, progress: Progress, *, seed: int = SEED) -> int:
    """Starts the cloud, which must not be up; the exit code, which is 1 if a part or a check failed.

    Raises: AlreadyUp.
    """
    if cloud.state.read() is not None:
        raise AlreadyUp("a local cloud is up in this folder: take it down first, its clock would be moved")
    with _begun(cloud, progress) as (place, assemblies):
        first = datetime.now(UTC).date() - timedelta(days=DAYS_AGO)
        story = Story(place, Days(place, town(seed, people=PEOPLE), first), progress)
        try:
            story.heuristic_alone(assemblies)
            for part in story.parts:
                part()
        except _FAILURES as failure:
            print(f"demo-migration: {failure}", file=sys.stderr)
            return 1
        finally:
            place.clock.go(0.0)
    return _ended(story, progress)


@contextmanager
def _begun(cloud: Cloud, progress: Progress) -> "Iterator[tuple[Place, Future[None]]]":
    """Servers that run, a bootstrapped account, and the parts' assemblies on their way."""
    progress.show(_BEGIN.format(days=DAYS_AGO))
    commands, settings = Commands(), cloud.settings
    place = Place(cloud, Clock(settings.state_dir), commands)
    with ThreadPoolExecutor(max_workers=1) as threads, closing(commands):
        clouds.start(cloud, progress)
        place.folder.mkdir(exist_ok=True)
        os.environ.update(settings.environment())
        place.clock.move(datetime.now(UTC) - timedelta(days=DAYS_AGO))
        assemblies = threads.submit(_synthesise, place)
        with progress.step("bootstrapped"):
            Deployment(settings, STAGE, commands).bootstrap()
        yield place, assemblies


def _synthesise(place: Place) -> None:
    command = [sys.executable, "-m", "local_cloud.migration.assemblies", str(place.folder / "cdk.out")]
    log = place.cloud.state.path / "logs" / "cdk-synth.log"
    place.commands.run(command, log=log, environment={"CDK_VALIDATION": "false"}, folder=ROOT)


def _ended(story: Story, progress: Progress) -> int:
    rows = list(conversions(story.days.visits, lambda one: one.shown.variant))
    findings = story.findings
    findings.checks += [*of_answers(story.days.visits, story.started), of_conversions(rows)]
    progress.show("\nConversion of what was shown, over all days, and what it was good for\n")
    for line in table(rows):
        progress.show(line)
    progress.show("")
    told = [line for lift in story.lifts for line in lift.lines()]
    for line in (*told, "", *findings.lines()):
        indented = " " * (len(line) - len(line.lstrip()) + 2)
        wrapped = textwrap.wrap(line, _WIDTH, subsequent_indent=indented, drop_whitespace=True)
        progress.show("\n".join(wrapped))
    if findings.failed:
        print(f"demo-migration: {findings.failed} of {len(findings.checks)} checks failed", file=sys.stderr)
    return int(bool(findings.failed))
