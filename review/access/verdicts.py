"""What became of what policies allow: wider, narrower, equal, or unclear, which counts as wider."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from review.access.subset import Part, Statements, lost_denials, narrowed, uncovered, within
from review.access.witnesses import witness
from review.changes.canonical import sorted_sets
from review.changes.leaves import words
from review.reading.templates import flat
from rights.errors import BadPolicy, Undecidable
from rights.evaluation import Call
from rights.principals import Principals
from rights.statements import Patterns, Statement, statements_of

NO_RESOURCES = frozenset(
    [
        *("xray:puttracesegments", "xray:puttelemetryrecords", "xray:getsamplingrules"),
        *("xray:getsamplingtargets", "logs:createlogdelivery"),
        *(
            "logs:getlogdelivery",
            "logs:updatelogdelivery",
            "logs:deletelogdelivery",
            "logs:listlogdeliveries",
        ),
        *("logs:putresourcepolicy", "logs:describeresourcepolicies", "logs:describeloggroups"),
    ]
)
"""actions that can be allowed on * only, by the service authorisation reference"""

UNTOLD = "cannot be compared"
"""what is said of policies that nobody can tell the meaning of"""


class Verdict(Enum):
    EQUAL = "equal"
    NARROWER = "narrower"
    WIDER = "wider"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """more, less: in words, what is allowed now and was not, and the other way round. refused: of the latter,
    that of which nothing is left. proof: a call that is allowed now and was not. everything: whether a new
    right has a * for all actions or for all resources. denials: those that are gone.
    """

    verdict: Verdict
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    proof: Call | None = None
    everything: bool = False
    denials: tuple[str, ...] = ()

    @property
    def wider(self) -> bool:
        return self.verdict in (Verdict.WIDER, Verdict.UNCLEAR)


def judged(before: Sequence[Any], after: Sequence[Any], account: str, region: str = "") -> Judged:
    """Of the documents of all policies that one role, or one resource, has."""
    try:
        old, new = statements(before, account, region), statements(after, account, region)
    except (Undecidable, BadPolicy, TypeError) as problem:
        if _key(before) == _key(after):
            return Judged(verdict=Verdict.EQUAL)
        return Judged(verdict=Verdict.UNCLEAR, more=(f"{UNTOLD}: {problem}",))
    return of_statements(old, new, account)


def of_statements(old: Statements, new: Statements, account: str) -> Judged:
    """The same, of statements."""
    no_more, no_less = within(new, old), within(old, new)
    lost = tuple(f"{said(one.actions)} on {said(one.resources)}" for one in lost_denials(new, old))
    gone, denied = uncovered(old, new), lost_denials(old, new)
    less = (*_pairs(gone), *(f"{text}, which is denied" for text in _pairs(denied)))
    refused = (
        *_pairs([part for part in gone if not narrowed(part, new)]),
        *(
            f"{text}, which is denied"
            for text in _pairs([one for one in denied if not one.statement.conditions])
        ),
    )
    if no_more:
        verdict = Verdict.EQUAL if no_less else Verdict.NARROWER
        return Judged(verdict=verdict, less=less, refused=refused)
    proof = witness(new, old, account)
    parts = uncovered(new, old)
    return Judged(
        verdict=Verdict.WIDER if proof else Verdict.UNCLEAR,
        more=tuple(_pairs(parts)),
        less=less,
        refused=refused,
        proof=proof,
        everything=any(map(_everything, parts)),
        denials=lost,
    )


def said(patterns: Patterns) -> str:
    texts = ", ".join(words(text, 90) for text in patterns.texts)
    return f"all but {texts}" if patterns.but else texts


def _pairs(parts: Sequence[Part]) -> dict[str, None]:
    found: dict[str, None] = {}
    for part in parts:
        text = f"{said(part.actions)} on {said(part.resources)}"
        if part.principals is not None:
            text = f"{_whose(part.principals)}: {text}"
        conditions = [f"{one.key} {one.operator} {'/'.join(one.values)}" for one in part.statement.conditions]
        found[f"{text} if {', '.join(conditions)}" if conditions else text] = None
    return found


def _whose(named: Principals) -> str:
    if named.everyone or "*" in named.aws:
        return "everybody"
    return ", ".join(words(one, 90) for one in (*named.aws, *named.services))


def _everything(part: Part) -> bool:
    if part.principals is not None:
        everybody = part.principals.everyone or "*" in part.principals.aws
        return everybody and not part.statement.conditions
    whole = any(text == "*" or (text.endswith(":*") and text.count(":") == 1) for text in part.actions.texts)
    anything = "*" in part.resources.texts and not all(
        text.lower() in NO_RESOURCES for text in part.actions.texts
    )
    return part.actions.but or part.resources.but or whole or anything


def statements(documents: Sequence[Any], account: str, region: str) -> Statements:
    """Of documents as they stand in templates. Raises: BadPolicy, Undecidable, as `statements_of`."""
    found: list[Statement] = []
    for number, document in enumerate(documents):
        found += statements_of(_flat(document, account, region), f"policy {number}")
    return tuple(found)


def _flat(value: Any, account: str, region: str) -> Any:
    """With values of the template as texts."""
    match value:
        case str():
            return value
        case list():
            return [_flat(one, account, region) for one in value]
        case Mapping():
            if len(value) == 1 and (key := next(iter(value))) and (key == "Ref" or key.startswith("Fn::")):
                return _known(value, account, region)
            return {key: _flat(one, account, region) for key, one in value.items()}
        case _:
            return value


def _known(value: Any, account: str, region: str) -> str:
    try:
        text = flat(sorted_sets(value))
    except AssertionError:
        # As a name that only equals itself.
        return "<" + _key(value).replace("<", "(").replace(">", ")") + ">"
    named = {
        "<AWS::Partition>": "aws",
        "<AWS::AccountId>": account,
        "<AWS::Region>": region or "<AWS::Region>",
    }
    for token, known in named.items():
        text = text.replace(token, known)
    return text


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
