"""One request for recommendations, with all that its answer depends on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.ground.arrays import Codes
from engine.ground.histories import Histories
from engine.ground.vocabulary import UNKNOWN
from engine.scorers.contextual import Context as Circumstances
from personalize_server.answers.deployments import Deployment
from personalize_server.data.interaction_table import weight_of
from personalize_server.filters.applying import Newer
from personalize_server.state.context import Request
from personalize_server.state.store import Store

_Events = list[Mapping[str, str]]


@dataclass(kw_only=True, slots=True, eq=False)
class Asked:
    request: Request
    deployment: Deployment
    row: int
    """the user's in the model, -1 if it has none"""
    filter_row: int
    """the same in the table that filters look users up in"""
    item: int
    """code of the request's itemId, -1 for none that anything is known of"""
    events: _Events
    """what the user did lately, oldest first"""
    events_by_type: Callable[[], _Events]
    """what filters know of the user: the newest events of every type, in any order"""
    contexts: Sequence[Circumstances]
    """the request's contextual metadata, where it changes anything"""

    @property
    def rows(self) -> Codes:
        """One entry, as scores of one user are a matrix."""
        return np.array([self.row], np.int32)

    @property
    def filter_rows(self) -> Codes:
        return np.array([self.filter_row], np.int32)

    @property
    def recent(self) -> Histories | None:
        """The events as items of the model, each at its newest place and with its largest weight."""
        if not self.events:
            return None
        model, solution = self.deployment.inference.model, self.deployment.wanted.plan.solution
        weights: dict[int, float] = {}
        for code, event in zip(self._codes(self.events), self.events, strict=True):
            if 0 <= code < len(model.item_ids):
                weight = weight_of(event, solution, model.memory.usual_weight)
                weights[code] = max(weights.pop(code, weight), weight)
        return replace(Histories.of([list(weights)]), weights=np.array(list(weights.values()), np.float32))

    @property
    def newer(self) -> Newer:
        """The events that filters know of, as codes of items and types."""
        events = self.events_by_type()
        if not events:
            return []
        pairs = zip(self._codes(events), events, strict=True)
        return [(code, event.get("EVENT_TYPE", "")) for code, event in pairs if code >= 0]

    def _codes(self, events: _Events) -> list[int]:
        return self.deployment.inference.codes([event["ITEM_ID"] for event in events])


def asked_of(store: Store, window: int, deployment: Deployment, request: Request) -> Asked:
    """window: how many of a user's newest events count, and of every type for filters."""
    inference = deployment.inference
    user = request.get("userId", "")
    row = inference.row(user)
    events, by_type = _events(store, window, deployment.interactions_arn, user)
    return Asked(
        request=request,
        deployment=deployment,
        row=row,
        filter_row=row if row >= 0 else inference.new_users.get(user, UNKNOWN),
        item=inference.codes([request["itemId"]])[0] if "itemId" in request else UNKNOWN,
        events=events,
        events_by_type=by_type,
        contexts=inference.effective(request.get("context")),
    )


def _events(store: Store, window: int, dataset: str, user: str) -> tuple[_Events, Callable[[], _Events]]:
    """The user's newest events, and how to come by the newest of every type."""
    found = store.newest_cells(dataset, user, window) if user else []
    if not found:
        return [], list
    events = [event for event in found if event.get("ITEM_ID")]
    if len(found) < window:
        return events, lambda: events
    return events, partial(store.newest_cells_by_type, dataset, user, window)
