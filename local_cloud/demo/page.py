"""The business's page, served by the local cloud, for a few people."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from config.schema import UseCase
from config.types.demonstration import Demo
from local_cloud.demo.application import Application
from local_cloud.demo.asking import FOR_USERS
from local_cloud.demo.report import Person
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.cdk import ROOT, folder_option
from local_cloud.lifecycle.serving_api import address, in_path
from local_cloud.people import addresses, pages

CLIENT = ROOT / "client_typescript" / "built"


def publish(
    settings: Settings, demo: Demo, facts: Application, use_cases: Sequence[UseCase], people: Sequence[Person]
) -> tuple[tuple[str, str], ...]:
    """What there is to be looked at, and where or how; nothing, if the business has no page."""
    api = address(settings)
    if demo.page is None or api is None or not people:
        return ()
    session = {
        "api": addresses.api_for_people(api),
        "region": settings.region,
        "tokens": f"{addresses.ISSUER_PATH}/token",
        "people": [asdict(person) for person in people],
    }
    labels = {name: dict(of.labels) for name, of in facts.use_cases.items()}
    folders = {"": demo.page, "recs-client": CLIENT}
    pages.publish(settings.state_dir, folders, {"session": session, "labels": labels})
    names = ", ".join(person.name for person in people)
    user = people[0]
    paths = [each.endpoint.path for each in use_cases if each.endpoint and each.endpoint.kind in FOR_USERS]
    token = f"TOKEN=$(python -m local_cloud token{folder_option(settings.state_dir)} {shlex.quote(user.id)})"
    asking = [
        f'curl -H "Authorization: Bearer $TOKEN" \\\n  {session["api"]}/v1/users/{in_path(user.id)}/{path}'
        for path in paths[:1]
    ]
    return (
        (f"The lists in a browser, signed in as {names}", addresses.page(settings)),
        (f"The same for programs, with a token of {user.name}", "\n".join([token, *asking])),
        *(("Notifications into the inboxes of that page", command) for command in _notifying(settings)),
    )


def _notifying(settings: Settings) -> Iterator[str]:
    """Commands that start what the schedules start once a week."""
    every_page = client(settings, "cloudformation").get_paginator("describe_stacks").paginate()
    for stack in (stack for found in every_page for stack in found["Stacks"]):
        for output in stack.get("Outputs", []):
            if stack["StackName"].endswith("-Notifications") and ":stateMachine:" in output["OutputValue"]:
                arn = output["OutputValue"]
                yield f"aws stepfunctions start-execution --state-machine-arn \\\n  {arn}"
