"""What telling one user needs, and what is left of it: providers that fail, a recipient, the table."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from pipeline.notifications.choices import Outcome
from pipeline.notifications.claims import Claim
from pipeline.notifications.messages import Language
from pipeline.notifications.recipients import Recipient
from pipeline.notifications.table import NotificationTable, device_sk, inbox_sk, key, user_pk

TABLE, WEEK, NAME = "recs-test-serving", "2026-W47", "weekly_programs"
SENT = Outcome("sent")
RECIPIENT = Recipient(
    user="7", email="seven@example.com", language="de", in_app=True, push=True, emails=True, quiet=False,
    engaged=False, own=(),
)  # fmt: skip
WORDS = Language(
    push_title="Neu", push_body="{title}!", inbox_title="Neu", inbox_body="„{title}“", template="t-de"
)
ITEMS = ("1", "2", "3", "4")
WRITES = ("UpdateItem", "TransactWriteItems")


class Died(BaseException):
    """The process is killed here."""


class Provider:
    """SES and SNS; `answers` are raised or called instead of sending, one for each request."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers: list[Any] = []

    def _take(self, request: dict[str, Any]) -> dict[str, str]:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException) and not isinstance(answer, (Died, ReadTimeoutError)):
            raise answer
        self.sent.append(request)
        if answer is not None:
            raise answer
        return {"MessageId": "m"}

    def publish(self, **request: Any) -> dict[str, str]:
        return self._take(request)

    def send_email(self, **request: Any) -> dict[str, str]:
        return self._take(request)


def refusal(code: str, operation: str = "SendEmail", status: int = 400, message: str = "") -> ClientError:
    metadata = {"HTTPStatusCode": status}
    response: Any = {"Error": {"Code": code, "Message": message or code}, "ResponseMetadata": metadata}
    return ClientError(response, operation)


def add_device(table: NotificationTable, name: str, registered: int = 1) -> None:
    item = {
        **key(user_pk("7"), device_sk(name)),
        "endpoint": {"S": f"arn:{name}"},
        "platform": {"S": "ios"},
        "registered": {"N": str(registered)},
    }
    table.client.put_item(TableName=TABLE, Item=item)


def entries(table: NotificationTable) -> int:
    found = table.client.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": user_pk("7")}, ":sk": {"S": inbox_sk("")}},
    )
    return int(found["Count"])


def claim(table: NotificationTable) -> Claim:
    return Claim.of(table.state("7", WEEK, NAME).claim)


def cancelled(reason: str) -> ClientError:
    response: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": reason}, {"Code": "None"}],
    }
    return ClientError(response, "TransactWriteItems")
