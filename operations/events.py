"""Posted events: what became of them, those that could not be processed, and sending these once more."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError

from config.derived.names import events_queue_name, tracking_table_name
from config.stages import STAGES
from pipeline.errors import InvalidInput
from pipeline.tracking import messages
from pipeline.tracking.counters import ACTIONS, IMPRESSIONS, Count, read_day, totals

CONVERSION, DEAD_LETTERS, REDRIVE = "conversion", "dead-letters", "redrive"
COMMANDS = (CONVERSION, DEAD_LETTERS, REDRIVE)
_LOOKED_AT = 10


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    conversion = commands.add_parser(
        CONVERSION, parents=[common], help="impressions, actions and their share by variant and source"
    )
    conversion.add_argument("--use-case", required=True, help="by its name in the configuration")
    conversion.add_argument(
        "--regions",
        metavar="REGION,REGION,...",
        help="whose counters are added up (default: --region; else those of the stage's configuration that "
        "may be active)",
    )
    conversion.add_argument("--days", type=int, default=1, help="up to today, UTC (default: %(default)s)")
    dead = commands.add_parser(
        DEAD_LETTERS, parents=[common], help="how many events could not be processed, and a few of them"
    )
    again = commands.add_parser(
        REDRIVE, parents=[common], help="send those once more; what was counted is not counted again"
    )
    for command in (conversion, dead, again):
        command.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace, clients: Any) -> None:
    """clients: makes an AWS client for a service's name."""
    if options.command == CONVERSION:
        regions = _regions(options)
        counting = {region: clients("dynamodb", region) for region in regions} or {"": clients("dynamodb")}
        conversion(counting, options.stage, options.use_case, options.days, as_json=options.json)
        return
    sqs, name = clients("sqs"), f"{events_queue_name(options.stage)}-dead"
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    if options.command == DEAD_LETTERS:
        dead_letters(sqs, url, as_json=options.json)
    else:
        redrive(sqs, url, as_json=options.json)


def _regions(options: argparse.Namespace) -> Sequence[str]:
    """Those that count events; none: whatever the AWS configuration says."""
    if options.regions:
        return tuple(options.regions.split(","))
    if options.region:
        return (options.region,)
    found = [stage for stage in STAGES if stage.name == options.stage and len(stage.active_regions) > 1]
    return found[0].active_regions if found else ()


def conversion(
    clients: Mapping[str, Any], stage: str, use_case: str, days: int, *, as_json: bool = False
) -> None:
    """clients: of DynamoDB, by region: each counts what it has accepted itself, and the sum is shown. A
    region that does not answer is said, and left out.
    """
    today = datetime.now(UTC).date()
    dates = [(today - timedelta(days=ago)).isoformat() for ago in range(days)]
    counts: list[Count] = []
    for region, client in clients.items():
        try:
            table = tracking_table_name(stage)
            own = [count for day in dates for count in read_day(client, table, use_case, day)]
        except BotoCoreError as error:
            if len(clients) == 1:
                raise
            print(f"without {region}, which does not answer: {error}", file=sys.stderr)
        else:
            counts += own
    if as_json:
        print(json.dumps(_conversion_json(totals(counts)), indent=2))
        return
    print(f"{'variant':14}{'source':14}{'impressions':>14}{'actions':>14}{'conversion':>14}")
    rows = {f"{v:14}{s:14}": numbers for (v, s), numbers in sorted(totals(counts).items())}
    whole = sum(rows.values(), Counter[str]())
    for label, numbers in (*rows.items(), (f"{'all':28}", whole)):
        shown, acted = numbers[IMPRESSIONS], numbers[ACTIONS]
        share = f"{acted / shown:.2%}" if shown else "-"
        print(f"{label}{shown:>14,}{acted:>14,}{share:>14}")
    if unseen := [label.split()[-1] for label, of in rows.items() if of[ACTIONS] and not of[IMPRESSIONS]]:
        print(
            f"actions without any impression: {', '.join(unseen)}. They count in `all`, which is too high "
            "then: post an impression for whatever is seen",
            file=sys.stderr,
        )


def _conversion_json(counted: Mapping[tuple[str, str], Counter[str]]) -> list[dict[str, Any]]:
    """conversion: actions per impression; None where nobody was shown anything."""
    return [
        {
            "variant": variant,
            "source": source,
            "impressions": numbers[IMPRESSIONS],
            "actions": numbers[ACTIONS],
            "conversion": numbers[ACTIONS] / numbers[IMPRESSIONS] if numbers[IMPRESSIONS] else None,
        }
        for (variant, source), numbers in sorted(counted.items())
    ]


def dead_letters(sqs: Any, url: str, *, as_json: bool = False) -> None:
    """Looks at a few without keeping them from anybody."""
    attribute = "ApproximateNumberOfMessages"
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
    number = int(answer["Attributes"][attribute])
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=_LOOKED_AT, VisibilityTimeout=0)
    lines = _described([message["Body"] for message in received.get("Messages", ())])
    if as_json:
        print(json.dumps({"messages": number, "someOfThem": [line.strip() for line in lines]}, indent=2))
        return
    print(f"{number:,} messages")
    for line in lines:
        print(line)


def redrive(sqs: Any, url: str, *, as_json: bool = False) -> None:
    """Starts SQS's own task, which goes on by itself; none without messages."""
    attributes = ["QueueArn", "ApproximateNumberOfMessages"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)["Attributes"]
    number = int(answer["ApproximateNumberOfMessages"])
    if number:
        sqs.start_message_move_task(SourceArn=answer["QueueArn"])
    if as_json:
        print(json.dumps({"messages": number}, indent=2))
    elif number:
        print(f"{number:,} messages are on their way back to the queue")
    else:
        print("nothing to send: no messages")


def _described(bodies: Sequence[str]) -> list[str]:
    """Without ids of people."""
    found = []
    for body in bodies:
        try:
            content = messages.read(body)
        except InvalidInput as error:
            found.append(f"  cannot be read: {error}")
        else:
            found.append(f"  {type(content).__name__.lower()} of {content.use_case}")
    return found
