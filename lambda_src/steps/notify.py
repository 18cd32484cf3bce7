"""Step: notifies the users of one shard."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from pipeline.batch_write import is_busy
from pipeline.errors import InvalidInput, PipelineError, TableBusy
from pipeline.notifications.choices import Rules
from pipeline.notifications.claims import Claims
from pipeline.notifications.messages import Content, Language
from pipeline.notifications.sending import Sender
from pipeline.notifications.shards import Lists, Progress, Shard, notify_shard
from pipeline.notifications.so_far import note_failure
from pipeline.notifications.table import NotificationTable, entry_id
from pipeline.notifications.telling import Mailing, Teller
from pipeline.notifications.turns import goes_on
from pipeline.notifications.unsubscribing import UnsubscribeLinks
from pipeline.times import run_time
from pipeline.withholding.opt_outs import OptOuts
from pipeline.withholding.reading import Denied, DenyLists, read_denied
from steps import telemetry
from steps.clients import client, data_bucket, fence
from steps.environment import notify_environment, step_environment
from steps.request import read_request

SECONDS_TO_FINISH = 120
"""For the last user: pauses when both providers refuse for haste are up to 31 s each, and those of claims."""

_CLAIM_DAYS = 60
_DAY = 86_400

# One request, one message: what did not answer may have been sent nevertheless.
_ONCE = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})


@dataclass(frozen=True, kw_only=True)
class Email:
    """sender: name and address."""

    sender: str
    configuration_set: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """first: number of the shard's first user to be notified. email: none sends no e-mails. epoch: of the
    plan.
    """

    notification: str
    use_case: str
    variant: str
    run: str
    week: str
    generation: str
    folder: str
    shard: Shard
    first: int
    dry_run: bool
    resend_uncertain: bool
    has_push: bool
    email: Email | None
    email_items: int
    inbox_days: int
    item_url: str
    languages: dict[str, Language]
    default_language: str
    epoch: int = 0


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Progress:
    request = read_request(Request, event)
    telemetry.logger.append_keys(
        notification=request.notification, run=request.run, shard=request.shard.number
    )
    try:
        result = _notified(request, context)
    except PipelineError as error:
        note_failure(data_bucket(), request.folder, error)
        raise
    telemetry.logger.info("shard notified", extra=result)
    return result


def _notified(request: Request, context: Any) -> Progress:
    goes_on(fence(), request.epoch)
    lists = Lists(
        client("dynamodb"),
        step_environment().serving_table,
        request.use_case,
        request.variant,
        request.generation,
    )
    return notify_shard(
        data_bucket(),
        lists,
        _teller(request),
        request.shard,
        folder=request.folder,
        first=request.first,
        dry_run=request.dry_run,
        has_time=lambda: context.get_remaining_time_in_millis() > 1000 * SECONDS_TO_FINISH,
    )


def _teller(request: Request) -> Teller:
    started = int(run_time(request.run).timestamp())
    return Teller(
        claims=Claims(
            NotificationTable(client("dynamodb"), notify_environment().notifications_table),
            request.notification,
            request.week,
            request.run,
            request.generation,
            started + _CLAIM_DAYS * _DAY,
        ),
        sender=Sender(_sending("sesv2"), _sending("sns"), time.sleep, random.Random()),
        content=_content(request),
        rules=Rules(
            email_items=request.email_items,
            has_push=request.has_push,
            has_email=request.email is not None,
            resends_uncertain=request.resend_uncertain,
        ),
        mailing=_mailing(request.email.sender, request.email.configuration_set)
        if request.email and not request.dry_run
        else None,
        entry_expires=started + request.inbox_days * _DAY,
        clock=time.time,
        denied=partial(DenyLists(_denied).of, request.use_case),
        opted_out=OptOuts(partial(_asked, "query"), partial(_asked, "get_item")).has,
    )


def _denied(use_case: str) -> Denied:
    """Nobody is told anything while it cannot be read. Raises: TableBusy."""
    return read_denied(partial(_asked, "query"), use_case)


def _asked(operation: str, **arguments: Any) -> Any:
    """Of the serving table. Raises: TableBusy."""
    table = step_environment().serving_table
    try:
        return getattr(client("dynamodb"), operation)(TableName=table, **arguments)
    except ClientError as error:
        if not is_busy(error):
            raise
        raise TableBusy(f"{table}: what is withheld was not read: {error}") from error


def _content(request: Request) -> Content:
    titles = data_bucket().read_json(f"{request.folder}titles.json")
    if titles is None:
        raise InvalidInput(f"there are no titles in {request.folder}")
    return Content(
        notification=request.notification,
        use_case=request.use_case,
        variant=request.variant,
        generation=request.generation,
        entry=entry_id(request.week, request.notification),
        titles=titles,
        item_url=request.item_url,
        languages=request.languages,
        default_language=request.default_language,
    )


def _mailing(sender: str, configuration_set: str) -> Mailing:
    """What e-mails need besides their words. sender: name and address.

    Raises: InvalidInput, before the serving stack is deployed.
    """
    return Mailing(
        sender=sender,
        configuration_set=configuration_set,
        api_address=_api_address(),
        links=UnsubscribeLinks(_secret()),
    )


@cache
def _secret() -> str:
    answer = client("secretsmanager").get_secret_value(SecretId=notify_environment().unsubscribe_secret)
    return str(answer["SecretString"])


@cache
def _api_address() -> str:
    """Of the serving API, whose stack is deployed after this function's."""
    name = notify_environment().api_address_parameter
    try:
        return str(client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except client("ssm").exceptions.ParameterNotFound:
        raise InvalidInput(
            f"the parameter {name} is missing: deploy the serving stack before e-mails are sent, "
            "since each has a link to unsubscribe"
        ) from None


@cache
def _sending(service: str) -> Any:
    return boto3.client(service, config=_ONCE)
