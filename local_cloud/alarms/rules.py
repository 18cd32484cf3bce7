"""Rules of composite alarms: which states of others make them go off.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local_cloud.alarms.errors import BadRule
from local_cloud.alarms.states import State

_TOKEN = re.compile(
    r"\s*(?:(?P<state>OK|ALARM|INSUFFICIENT_DATA)\s*\(\s*(?:\"(?P<quoted>[^\"]+)\"|(?P<plain>[^\s()\"]+))\s*\)"
    r"|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<sign>[()]))",
    re.IGNORECASE,
)
_MOST_CHILDREN = 100
Truth = Callable[[Mapping[str, State]], bool]


@dataclass(frozen=True)
class CompositeRule:
    """`children`: names of the alarms that it looks at; `holds` takes their states."""

    children: frozenset[str]
    holds: Truth


def rule_of(text: str) -> CompositeRule:
    """Raises: BadRule, if it is none, or names more alarms than one may."""
    parser = _Parser(text)
    holds = parser.alternatives()
    if parser.sign != "":
        raise parser.wrong("nothing more is expected")
    if len(parser.children) > _MOST_CHILDREN:
        raise BadRule(f"AlarmRule names {len(parser.children)} alarms, and may name {_MOST_CHILDREN}")
    return CompositeRule(frozenset(parser.children), holds)


def _is(name: str, state: State) -> Truth:
    return lambda states: states.get(name) is state


class _Parser:
    """NOT binds more than AND, AND more than OR."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.children: set[str] = set()
        self._match: re.Match[str] | None = None
        self.sign = ""
        """what comes next: a word in capitals, a parenthesis, `state`, or nothing at the end"""
        self._advance()

    def alternatives(self) -> Truth:
        found = [self._together()]
        while self._takes("OR"):
            found.append(self._together())
        return lambda states: any(each(states) for each in found)

    def _together(self) -> Truth:
        found = [self._single()]
        while self._takes("AND"):
            found.append(self._single())
        return lambda states: all(each(states) for each in found)

    def _single(self) -> Truth:
        if self._takes("NOT"):
            denied = self._single()
            return lambda states: not denied(states)
        if self._takes("("):
            inner = self.alternatives()
            if not self._takes(")"):
                raise self.wrong("a closing parenthesis is needed")
            return inner
        if self._takes("TRUE"):
            return lambda _: True
        if self._takes("FALSE"):
            return lambda _: False
        if self.sign != "state" or self._match is None:
            raise self.wrong("ALARM(name), OK(name), INSUFFICIENT_DATA(name), TRUE or FALSE is needed")
        found = self._match
        name = (found["quoted"] or found["plain"]).rpartition(":alarm:")[2]
        self.children.add(name)
        self._advance()
        return _is(name, State(found["state"].upper()))

    def wrong(self, what: str) -> BadRule:
        return BadRule(f"AlarmRule {self._text!r}: {what} before {self._text[self._at :]!r}")

    def _takes(self, sign: str) -> bool:
        if self.sign != sign:
            return False
        self._advance()
        return True

    def _advance(self) -> None:
        self._at = self._match.end() if self._match else 0
        if not self._text[self._at :].strip():
            self._match, self.sign = None, ""
            self._at = len(self._text)
            return
        self._match = _TOKEN.match(self._text, self._at)
        if self._match is None:
            raise BadRule(f"AlarmRule {self._text!r}: {self._text[self._at :].strip()!r} is not understood")
        found = self._match
        self.sign = "state" if found["state"] else (found["word"] or found["sign"]).upper()
