"""The serving API asked for a few people; events posted for one of them, and what they change."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from config.schema import EndpointKind, UseCase
from local_cloud.demo.application import Application
from local_cloud.demo.report import Asked, Check, Live, Tracked
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.serving_api import ServingApi, in_path

Found = TypeVar("Found")
NAMESPACE = "Recommendations"
STAGE = "local"
_SHOWN = 5
_PATIENCE_SECONDS = 60.0
FOR_USERS = (EndpointKind.LIST, EndpointKind.FEED, EndpointKind.DIRECTORY)


def ask(
    settings: Settings,
    facts: Application,
    use_cases: Sequence[UseCase],
    people: Sequence[str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Live:
    """Every use case that answers for a user is asked for every one of the people, signed, at the gateway."""
    api = ServingApi.deployed(settings)
    for_users = [each for each in use_cases if each.endpoint and each.endpoint.kind in FOR_USERS]
    asked = [_asked(api, facts, each, person) for person in people for each in for_users]
    wrong = [each for each in asked if each.status != 200 or not each.items]
    checks = [Check("API: every list is answered", not wrong, f"{len(asked) - len(wrong)} of {len(asked)}")]
    tracked = changed = None
    counted = next((each for each in for_users if each.tracking), None)
    if counted and people:
        tracked = _track(settings, api, counted, people[0], sleep)
    live = next((each for each in for_users if each.endpoint and each.endpoint.realtime), None)
    if live and live.tracking and people:
        posted, changed, check = _change(api, facts, live, people[0], sleep)
        checks.append(check)
        if tracked and counted is live:
            tracked = _counted(settings, live, tracked, posted, sleep)
    if tracked:
        checks.append(_counts_once(tracked))
    return Live(asked=tuple(asked), tracked=tracked, changed=changed, checks=tuple(checks))


def _answer(api: ServingApi, use_case: UseCase, person: str) -> tuple[int, Mapping[str, Any]]:
    assert use_case.endpoint
    answer = api.get(f"/v1/users/{in_path(person)}/{use_case.endpoint.path}?limit={_SHOWN}")
    return answer.status, answer.body or {}


def _asked(api: ServingApi, facts: Application, use_case: UseCase, person: str) -> Asked:
    status, body = _answer(api, use_case, person)
    of = facts.use_cases.get(use_case.name)
    labels = of.labels if of else {}
    return Asked(
        person=facts.names.get(person, person),
        use_case=use_case.name,
        status=status,
        source=str(body.get("source", "-")),
        generation=str(body.get("generation", "-")),
        items=tuple(labels.get(item["id"], item["id"]) for item in body.get("items", ())),
    )


def _track(
    settings: Settings, api: ServingApi, use_case: UseCase, person: str, sleep: Callable[[float], None]
) -> Tracked:
    """All that the person is shown is an impression, and the first of it is acted upon."""
    assert use_case.tracking
    before = _counts(settings, use_case)
    tracked = Tracked(use_case.name, use_case.tracking.conversion.goal, before, before)
    return _counted(settings, use_case, tracked, _post(api, use_case, person, acted_upon=1), sleep)


def _post(api: ServingApi, use_case: UseCase, person: str, *, acted_upon: int) -> tuple[int, int]:
    """The person is shown a list and acts upon its beginning; impressions and actions that were accepted."""
    assert use_case.tracking
    _, body = _answer(api, use_case, person)
    ids = [item["id"] for item in body.get("items", ())]
    action = use_case.tracking.actions[0]
    events = [_event(use_case, "impression", item, person, body) for item in ids]
    events += [_event(use_case, action, item, person, body) for item in ids[:acted_upon]]
    accepted = bool(events) and api.post("/v1/events", {"events": events}).status == 202
    return (len(ids), len(ids[:acted_upon])) if accepted else (0, 0)


def _counted(
    settings: Settings,
    use_case: UseCase,
    tracked: Tracked,
    posted: tuple[int, int],
    sleep: Callable[[float], None],
) -> Tracked:
    """With what was posted last, once it is counted."""
    wanted = (tracked.posted[0] + posted[0], tracked.posted[1] + posted[1])
    least = (tracked.before[0] + wanted[0], tracked.before[1] + wanted[1])
    after = _eventually(
        lambda: _counts(settings, use_case),
        lambda found: all(now >= then for now, then in zip(found, least, strict=True)),
        sleep,
    )
    return replace(tracked, after=after, posted=wanted)


def _counts_once(tracked: Tracked) -> Check:
    before, after, posted = tracked.before, tracked.after, tracked.posted
    moved = all(posted) and after == (before[0] + posted[0], before[1] + posted[1])
    detail = f"{before[0]} and {before[1]}, then {after[0]} and {after[1]} impressions and actions"
    return Check(f"{tracked.use_case}: conversion counts what was posted, once", moved, detail)


def _change(
    api: ServingApi, facts: Application, use_case: UseCase, person: str, sleep: Callable[[float], None]
) -> tuple[tuple[int, int], tuple[Asked, Asked], Check]:
    """The person acts upon the list's beginning; the campaign then answers another list.

    With the impressions and actions that were posted.
    """
    before = _asked(api, facts, use_case, person)
    posted = _post(api, use_case, person, acted_upon=3)
    after = _eventually(
        lambda: _asked(api, facts, use_case, person), lambda now: now.items != before.items, sleep
    )
    changed = before.source == after.source == "campaign" and before.items != after.items
    claim = f"{use_case.name}: the campaign's list follows what was done"
    return posted, (before, after), Check(claim, changed, f"{before.source}, then {after.source}")


def _event(
    use_case: UseCase, kind: str, item: str, person: str, answered: Mapping[str, Any]
) -> dict[str, Any]:
    from_answer = {name: answered[name] for name in ("source", "variant", "generation") if answered.get(name)}
    return {
        "eventId": str(uuid4()),
        "useCase": use_case.name,
        "type": kind,
        "itemId": item,
        "userId": person,
        "occurredAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        **from_answer,
    }


def _counts(settings: Settings, use_case: UseCase) -> tuple[int, int]:
    """Today's impressions and actions of the use case, as the dashboard draws them."""
    cloudwatch, today = client(settings, "cloudwatch"), datetime.now(UTC).replace(hour=0, minute=0, second=0)
    found = []
    for metric in ("ImpressionsPerDay", "ActionsPerDay"):
        points = cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=metric,
            Dimensions=[{"Name": "stage", "Value": STAGE}, {"Name": "use_case", "Value": use_case.name}],
            StartTime=today - timedelta(seconds=1),
            EndTime=today + timedelta(days=1),
            Period=86_400,
            Statistics=["Maximum"],
        )["Datapoints"]
        found.append(int(max((point["Maximum"] for point in points), default=0)))
    return found[0], found[1]


def _eventually(
    look: Callable[[], Found], enough: Callable[[Found], bool], sleep: Callable[[float], None]
) -> Found:
    """What is found once it is enough, or at the end of all patience."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    found = look()
    while not enough(found) and time.monotonic() < deadline:
        sleep(0.25)
        found = look()
    return found
