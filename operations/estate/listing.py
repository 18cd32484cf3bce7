"""What there is, page by page, and whether one of them is still there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.estate.kinds import Kind

GONE = "ResourceNotFoundException"


def listed(personalize: Any, kind: Kind, **within: str) -> Iterator[dict[str, Any]]:
    """Summaries of the account and region, or of a parent (`datasetGroupArn=...`); none of one that is gone.

    Not by a paginator of botocore: ListDataDeletionJobs has none.
    """
    more: dict[str, str] = {}
    while True:
        try:
            answer = getattr(personalize, kind.listing)(**within, **more)
        except ClientError as error:
            if within and code(error) == GONE:
                return
            raise
        yield from answer[kind.listed_as]
        if not answer.get("nextToken"):
            return
        more = {"nextToken": answer["nextToken"]}


def described(personalize: Any, kind: Kind, arn: str) -> Mapping[str, Any] | None:
    """None of what the service does not know."""
    try:
        found: Mapping[str, Any] = getattr(personalize, kind.description)(**{kind.arn: arn})
    except ClientError as error:
        if code(error) == GONE:
            return None
        raise
    answer: Mapping[str, Any] = found.get(kind.described_as, {})
    return answer


def code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
