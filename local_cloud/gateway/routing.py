"""Which route of an HTTP API a request takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

Target = TypeVar("Target")


@dataclass(frozen=True)
class RouteKey:
    """`text` as written: `METHOD /path/{parameter}/{rest+}`, `ANY /path` or `$default`."""

    text: str
    method: str
    segments: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "RouteKey":
        if text == "$default":
            return cls(text, "ANY", ())
        method, _, path = text.partition(" ")
        return cls(text, method, tuple(path.strip("/").split("/")))

    @property
    def is_default(self) -> bool:
        return self.text == "$default"

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The path's parameters, decoded; None if it is another path."""
        if self.is_default:
            return {}
        greedy = self.segments[-1].endswith("+}")
        if len(segments) < len(self.segments) or (len(segments) > len(self.segments) and not greedy):
            return None
        parameters = {}
        for place, own in enumerate(self.segments):
            if own.endswith("+}"):
                parameters[own[1:-2]] = unquote("/".join(segments[place:]))
            elif own.startswith("{"):
                if not segments[place]:
                    return None
                parameters[own[1:-1]] = unquote(segments[place])
            elif own != segments[place]:
                return None
        return parameters

    @property
    def precedence(self) -> tuple[int, ...]:
        """Smaller goes first: whole paths, then greedy ones, then $default; fixed segments before parameters,
        from the left; the named method before ANY.
        """
        if self.is_default:
            return (2,)
        kinds = [2 if each.endswith("+}") else 1 if each.startswith("{") else 0 for each in self.segments]
        greedy = int(2 in kinds)
        # Of two greedy routes the longer one is the more exact.
        return (greedy, *kinds, -len(kinds) if greedy else 0, int(self.method == "ANY"))


class Router(Generic[Target]):
    def __init__(self, routes: Mapping[RouteKey, Target]) -> None:
        self._routes = sorted(routes.items(), key=lambda route: route[0].precedence)

    def find(self, method: str, path: str) -> tuple[Target, dict[str, str]] | None:
        """The route of the method and the path (as sent, percent-encoded), and its parameters."""
        segments = tuple(path.strip("/").split("/"))
        for key, target in self._routes:
            if key.method in (method, "ANY"):
                parameters = key.match(segments)
                if parameters is not None:
                    return target, parameters
        return None
