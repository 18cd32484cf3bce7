"""The documented rates of requests; a server may be started with other figures, or without any."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Requests a second, each counted for itself; 0: any number."""

    control: float = 0
    """of each operation of the control plane, per account and region"""
    runtime: float = 0
    """recommendations, rankings and actions of an account and region together"""
    campaign: float = 0
    """the same of one campaign or recommender"""
    put_events: float = 0
    """per tracker, and so per dataset group, like the following"""
    put_action_interactions: float = 0
    put_items: float = 0
    put_users: float = 0
    put_actions: float = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) >= 0:
                raise ValueError(f"limit {field.name} must not be negative")

    def with_changes(self, changes: Mapping[str, float]) -> "Rates":
        """These limits but for those that are given. Raises: ValueError, for an unknown one."""
        known = [field.name for field in fields(self)]
        unknown = sorted(set(changes) - set(known))
        if unknown:
            raise ValueError(f"unknown limit {', '.join(unknown)}; known: {', '.join(known)}")
        return replace(self, **dict(changes))


NO_LIMITS = Rates()
SERVICE_RATES = Rates(
    control=1,
    runtime=2500,
    campaign=500,
    put_events=1000,
    put_action_interactions=1000,
    put_items=10,
    put_users=10,
    put_actions=10,
)
"""Amazon Personalize endpoints and quotas; assumed for PutActionInteractions is the figure of PutEvents."""
