"""What resources let in by their own policies: buckets, queues, topics, keys, secrets, tables, functions."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from review.access.keys import administered
from review.access.verdicts import Verdict, judged
from review.changes.model import Change, Comparison, Place, place_of
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, is_strange, several, template_of
from review.reading.templates import Template
from review.rules.documents import DOCUMENTS, by_default, documents, says_something, statements_in
from review.rules.roles import IDENTITIES

_HASH = re.compile(r"[0-9A-F]{8}$")
_NAMED = re.compile(r"<(\w+)[.>]")
_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")


def resource_policies(comparison: Comparison) -> Iterator[Finding]:
    for name in sorted({change.stack for change in comparison.changes if change.type not in IDENTITIES}):
        place = place_of(comparison.after.get(name) or comparison.before[name])
        templates = [template_of(estate, name) for estate in (comparison.before, comparison.after)]
        sides = [documents(one, place.account, place.region) for one in templates]
        resources: list[Template] = [one["Resources"] for one in templates]
        gone = resources[0].keys() - resources[1].keys()
        for key in sorted({*sides[0], *sides[1]}):
            old, new = (one.get(key, []) for one in sides)
            if old == new:
                continue
            there = [key in one or key not in {**resources[0], **resources[1]} for one in resources]
            if all(key in one for one in resources):
                old = old or by_default(resources[0][key], place.account)
                new = new or by_default(resources[1][key], place.account)
            yield from _judge(place, key, old, new, there, gone)
            if resources[1].get(key, {}).get("Type") in _KEYS:
                yield from _left_to_nobody(place, key, old, new)


def _judge(
    place: Place,
    subject: str,
    before: list[Any],
    after: list[Any],
    there: list[bool],
    gone: Collection[str],
) -> Iterator[Finding]:
    """there: whether the resource is there before, and afterwards. gone: logical ids of what goes."""
    if not there[1]:
        return
    result = judged(before, after, place.account, place.region)

    def say(rule: str, text: str) -> Finding:
        return _finding(rule, place, subject, text)

    more = result.more if there[0] else [text for text in result.more if is_strange(text, place.account)]
    if result.wider and more:
        unproved = "" if result.proof else " (not proved: counted as wider)"
        yield say("ACCESS-006", f"lets in {several(more)}{unproved}")
    if result.denials and there[0]:
        yield say("ACCESS-009", f"no longer denies {several(result.denials)}")
    if result.verdict is Verdict.EQUAL:
        yield say("REST-002", "its policy, written otherwise")
    if there[0]:
        refused = [text for text in result.refused if not {*_NAMED.findall(text)} & {*gone}]
        if refused:
            yield say("ACCESS-021", f"refuses from now on {several(refused)}")
        if fewer := [text for text in result.less if text not in refused]:
            yield say("ACCESS-018", f"no longer lets in {several(fewer)}")


def _left_to_nobody(place: Place, subject: str, before: list[Any], after: list[Any]) -> Iterator[Finding]:
    """A key that nobody may give another policy; before: empty, if it is new."""
    old, new = (administered(side, place.account, place.region) for side in (before, after))
    if (not before or old) and not new:
        text = "neither the account nor a role may change its policy any more, or delete it"
        yield _finding("DATA-019", place, subject, text)


def _finding(rule: str, place: Place, subject: str, text: str) -> Finding:
    name = _HASH.sub("", subject)
    return Finding(rule=f"REVIEW-{rule}", place=place, subject=name, text=text, logical_id=subject)


def policies_seen(change: Change) -> Iterator[Finding]:
    """That what these say has been compared: the result is said by resource."""
    if change.type in IDENTITIES:
        return
    if says_something(change.type, change.after or change.before):
        yield found("REST-003", change, "", EVERYTHING)
        return
    for name in change.properties:
        if name in DOCUMENTS and any(statements_in({name: get(name)}) for get in (change.old, change.new)):
            yield found("REST-003", change, "", name)
