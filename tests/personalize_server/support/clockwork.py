"""The control plane over a store, at a time of the test's choice."""

from pathlib import Path
from typing import Any, Self

from personalize_server.facts import errors
from personalize_server.facts.options import Options
from personalize_server.operations.registry import HANDLERS
from personalize_server.state.context import Caller, Context
from personalize_server.state.store import Store

HOUR, DAY = 3600.0, 86400.0


class Clockwork:
    """No job is ever carried out: how they end is the test's affair."""

    errors = errors

    def __init__(self, folder: Path, options: Options | None = None) -> None:
        self.store = Store(folder / "state.sqlite3")
        self.now = 1_800_000_000.0
        self._options = options or Options(data=folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    @property
    def context(self) -> Context:
        caller = Caller("123456789012", "eu-west-1")
        return Context(caller, self.store, self._options, self.now, wake=lambda: None)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return HANDLERS[operation](self.context, request)
