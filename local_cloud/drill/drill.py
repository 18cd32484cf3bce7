"""`drill`: two regions under traffic, one of them lost, switched, had back; what is promised is checked."""

import sys

from config import place
from config.notifications import NOTIFICATIONS
from config.stages import LOCAL
from config.types.demonstration import NoData
from config.use_cases import USE_CASES
from local_cloud import outbox
from local_cloud.demo.executions import RunFailed
from local_cloud.drill.cast import Cast, cast
from local_cloud.drill.places import Place
from local_cloud.drill.promises import checks, rpo
from local_cloud.drill.story import Story
from local_cloud.drill.traffic import Traffic
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.regions import RegionsOf
from local_cloud.lifecycle.serving_api import NoApi, ServingApi
from local_cloud.machine.progress import Progress

_FAILURES = (RunFailed, NoApi, NoData)


def configured() -> Cast:
    """Raises: NoData, if the configuration lacks what the drill needs."""
    return cast(LOCAL, USE_CASES, NOTIFICATIONS, place.demo())


def run(cloud: Cloud, progress: Progress, parts: Cast) -> int:
    """On a cloud that is up, with the stage's standby region; 1 if an act or a check failed."""
    try:
        return _run(cloud, progress, parts)
    except _FAILURES as failure:
        print(f"drill: {failure}", file=sys.stderr)
        return 1


def _run(cloud: Cloud, progress: Progress, parts: Cast) -> int:
    primary, standby = (Place(cloud.settings_in(name), LOCAL.name) for name in cloud.stage.active_regions)
    with progress.step("data of few people is loaded"):
        parts.few(cloud.database().dsn, progress.say)
    story = Story(
        primary, standby, RegionsOf(cloud.settings), tuple(parts.paths), parts.notification, progress
    )
    try:
        story.begin()
        story.lists_everywhere()
        traffic = _traffic(primary, standby, parts)
        traffic.begin()
        try:
            story.lose_the_primary(traffic)
            story.take_over()
            story.have_it_back()
            story.switch_as_planned(traffic)
        finally:
            traffic.end()
    finally:
        _restore(story)
    story.settle()
    return _told(cloud, story, traffic, parts, progress)


def _traffic(primary: Place, standby: Place, parts: Cast) -> Traffic:
    lists = primary.items(f"user#{parts.tracked}#")
    people = sorted({key[0].rpartition("#")[2] for key in lists})
    item = next(iter(lists.values()))["items"]["L"][0]["S"]
    apis = {place.region: ServingApi.deployed(place.settings) for place in (primary, standby)}
    return Traffic(
        addresses={region: api.url for region, api in apis.items()},
        credentials=apis[primary.region].credentials,
        paths=parts.paths,
        people=people,
        tracked=(parts.tracked, item),
        learned=parts.learned,
    )


def _restore(story: Story) -> None:
    """Whatever failed, the regions are there, and nothing is held up."""
    story.regions.up(story.primary.region)
    story.regions.links()


def _told(cloud: Cloud, story: Story, traffic: Traffic, parts: Cast, progress: Progress) -> int:
    found = story.found
    emails = [email for email in outbox.emails(cloud.state.path) if not email.topic]
    done = list(
        checks(
            found,
            traffic,
            standby=story.standby.region,
            stored=story.primary.stored_events() | story.standby.stored_events(),
            learned=len(
                story.primary.stored_events(parts.learned) | story.standby.stored_events(parts.learned)
            ),
            lists={**story.standby.items("user#"), **story.primary.items("user#")},
            emails=emails,
        )
    )
    progress.show("\nRPO when the region was lost:")
    for line in rpo(found):
        progress.show(f"  {line}")
    progress.show("\nPromises:")
    for check in done:
        progress.show(f"  {'ok  ' if check.holds else 'FAIL'} {check.claim}: {check.detail}")
    failed = sum(not check.holds for check in done)
    if failed:
        print(f"drill: {failed} of {len(done)} promises are not kept, see above", file=sys.stderr)
    return 1 if failed else 0
