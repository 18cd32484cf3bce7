"""Recommendations in real time, within a budget of milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

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
    """client_for: a runtime client whose own time-outs are the campaign's budget and that retries nothing.

    Those bound single steps of a call only, each byte read for example. The budget bounds all of it, since
    the call runs in a thread that is left behind when it is late; what is left behind ends by the time-outs.
    """

    def __init__(self, client_for: Callable[[Realtime], Any], waiting: Waiting) -> None:
        self._client_for = client_for
        self._waiting = waiting
        self._budget = Budget("campaign")

    def recommend(self, realtime: Realtime, *, count: int, **subject: str) -> Answer:
        """subject: userId, or itemId for similar items.

        Raises: CampaignFailed, and nothing else: another list can answer whatever is wrong with a campaign.
        """
        arguments: dict[str, Any] = {
            "campaignArn": realtime.campaign_arn,
            "numResults": min(count, MOST_RANKED),
            **subject,
        }
        if realtime.filter_arn:
            arguments["filterArn"] = realtime.filter_arn
        try:
            with self._waiting:
                return self._budget.call(realtime.budget_ms, partial(self._call, realtime, arguments))
        except Exceeded as exceeded:
            raise CampaignFailed(str(exceeded)) from None
        except ClientError as error:
            raise CampaignFailed(error.response["Error"].get("Code", "?")) from error
        except Exception as error:
            # No connection, or an answer that is none: what is at a URL may not be Personalize at all.
            raise CampaignFailed(type(error).__name__) from error

    def _call(self, realtime: Realtime, arguments: dict[str, Any]) -> Answer:
        answer = self._client_for(realtime).get_recommendations(**arguments)
        items = tuple(Scored(str(item["itemId"]), item.get("score")) for item in answer["itemList"])
        return Answer(items, answer.get("recommendationId"))
