"""The calls that were judged: one of each kind, with the statements that decided it.

Two calls of a principal for an action that the same statements decide are of one kind: whatever is done to
policies that have these statements is noticed by both or by neither.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from rights.evaluation import Call, Decision
from rights.patterns import Value
from rights.principals import Principal

FILE = "rights.jsonl"
PATH = "/_local/rights"
"""of the server, where policies are as they are at the moment"""
Key = tuple[str, str, bool, tuple[str, ...], str]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """`statements`: ids."""

    call: Call
    allowed: bool
    statements: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        principal = self.call.principal
        return {
            "principal": principal.arn,
            "account": principal.account,
            "role": principal.role,
            "service": principal.service,
            "action": self.call.action,
            "resource": self.call.resource,
            "context": dict(self.call.context),
            "allowed": self.allowed,
            "statements": list(self.statements),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Judged":
        principal = Principal(
            arn=document["principal"],
            account=document["account"],
            role=document["role"],
            service=document["service"],
        )
        context: dict[str, Value] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in document["context"].items()
        }
        call = Call(
            principal=principal, action=document["action"], resource=document["resource"], context=context
        )
        return cls(call=call, allowed=document["allowed"], statements=tuple(document["statements"]))


class Recording:
    """Kept in a file of the state folder, a line as soon as a kind is seen first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._seen: dict[Key, int] = {}
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)

    def add(self, call: Call, decision: Decision) -> bool:
        """Whether it is the first of its kind."""
        statements = tuple(sorted(statement.id for statement in decision.statements))
        who = call.principal.role or call.principal.arn
        # Of refusals each resource is worth a line.
        what = "" if decision.allowed else call.resource
        key = (who, call.action, decision.allowed, statements, what)
        with self._lock:
            self._seen[key] = count = self._seen.get(key, 0) + 1
            if count > 1:
                return False
            judged = Judged(call=call, allowed=decision.allowed, statements=statements)
            with self._path.open("a") as file:
                file.write(json.dumps(judged.as_json()) + "\n")
            return True

    @property
    def calls(self) -> int:
        return sum(self._seen.values())


def recorded(folder: Path) -> Iterator[Judged]:
    """Nothing, if nothing was recorded."""
    path = folder / FILE
    if path.exists():
        for line in path.read_text().splitlines():
            yield Judged.from_json(json.loads(line))
