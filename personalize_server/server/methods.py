"""Operations that are not the control plane's: the methods that answer them, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from personalize_server.operations.registry import HANDLERS

RUNTIME_METHODS: Mapping[str, str] = MappingProxyType(
    {
        "GetActionRecommendations": "get_action_recommendations",
        "GetPersonalizedRanking": "get_personalized_ranking",
        "GetRecommendations": "get_recommendations",
    }
)
"""methods of the Runtime, which is loaded apart"""
INTAKE_METHODS: Mapping[str, str] = MappingProxyType({"PutEvents": "put_events"})
"""methods of the EventIntake"""
IMPLEMENTED = frozenset(HANDLERS) | frozenset(RUNTIME_METHODS) | frozenset(INTAKE_METHODS)
