"""Recommendations in real time, within a budget of milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.serving.budget import Budget, Exceeded
from pipeline.serving.settings import MOST_RANKED, Realtime
from pipeline.serving.waiting import Waiting


class CampaignFailed(Exception):
    """No answer in the budget, or an error; the message says which."""


@dataclass(frozen=True)
class Scored:
    """score: None for recipes without one."""

    id: str
    score: float | None


@dataclass(frozen=True)
class Answer:
    """recommendation_id: joins events to this answer."""

    items: tuple[Scored, ...]
    recommendation_id: str | None


class Campaigns:
    """client_for: a runtime client whose own time-outs are the given milliseconds and that retries nothing.

    Those bound single steps of a call only, each byte read for example. The budget bounds all of it, since
    the call runs in a thread that is left behind when it is late; what is left behind ends by the time-outs.
    """

    def __init__(self, client_for: Callable[[int], Any], waiting: Waiting) -> None:
        self._client_for = client_for
        self._waiting = waiting
        self._budget = Budget("campaign")

    def recommend(self, realtime: Realtime, *, count: int, **subject: str) -> Answer:
        """subject: userId, or itemId for similar items. Raises: CampaignFailed."""
        arguments: dict[str, Any] = {
            "campaignArn": realtime.campaign_arn,
            "numResults": min(count, MOST_RANKED),
            **subject,
        }
        if realtime.filter_arn:
            arguments["filterArn"] = realtime.filter_arn
        try:
            with self._waiting:
                answer = self._budget.call(
                    realtime.budget_ms, partial(self._call, realtime.budget_ms, arguments)
                )
        except Exceeded as exceeded:
            raise CampaignFailed(str(exceeded)) from None
        except ClientError as error:
            raise CampaignFailed(error.response["Error"].get("Code", "?")) from error
        except BotoCoreError as error:
            raise CampaignFailed(type(error).__name__) from error
        items = tuple(Scored(item["itemId"], item.get("score")) for item in answer["itemList"])
        return Answer(items, answer.get("recommendationId"))

    def _call(self, budget_ms: int, arguments: dict[str, Any]) -> Any:
        return self._client_for(budget_ms).get_recommendations(**arguments)
