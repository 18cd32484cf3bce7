"""Deletes a campaign and waits until it is gone: only then can its solution be deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.errors import CleanUpUnfinished

_FIRST_SECONDS, _SECONDS = 1.0, 10.0


def remove_campaign(
    personalize: Any,
    campaign_arn: str,
    solution_arn: str,
    *,
    sleep: Callable[[float], None],
    seconds_left: Callable[[], float],
) -> bool:
    """Whether there was one; a campaign of another solution is left alone.

    It is looked at after a second, then less and less often.
    Raises: CleanUpUnfinished, if it is not gone in time.
    """
    found, pause = False, _FIRST_SECONDS
    while True:
        try:
            campaign = personalize.describe_campaign(campaignArn=campaign_arn)["campaign"]
        except personalize.exceptions.ResourceNotFoundException:
            return found
        if not campaign["solutionVersionArn"].startswith(f"{solution_arn}/"):
            return found
        if not campaign["status"].startswith("DELETE"):
            found = True
            try:
                personalize.delete_campaign(campaignArn=campaign_arn)
            except personalize.exceptions.ResourceNotFoundException:
                return found
            except personalize.exceptions.ResourceInUseException:
                pass  # It is being created or updated: tried again below.
        if seconds_left() < 2 * _SECONDS:
            raise CleanUpUnfinished(f"{campaign_arn} is still {campaign['status']}: delete again")
        sleep(pause)
        pause = min(2 * pause, _SECONDS)
