"""What resources let in by their own policies: buckets, queues, topics, keys, secrets, tables, functions."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from review.access.keys import administered
from review.access.verdicts import Judged, Verdict, judged
from review.changes.model import Change, Comparison, Place, place_of
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, is_strange, listed, several, template_of
from review.reading.templates import Template, resources_of
from review.rules.documents import DOCUMENTS, by_default, documents, says_something, statements_in
from review.rules.roles import IDENTITIES
from review.rules.watch import ACTIONS, ALARMS

_HASH = re.compile(r"[0-9A-F]{8}$")
_NAMED = re.compile(r"<(\w+)[.>]")
_ALARMING = "cloudwatch.amazonaws.com: "
_TELLS = re.compile(r"(sns:(publish|\*)|kms:(decrypt|generatedatakey|\*)|: \*)", re.I)
"""what CloudWatch does to tell, https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
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
            if all(key in one for one in resources):
                yield from _unheard(comparison, name, key, judged(old, new, place.account, place.region))


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


def _unheard(comparison: Comparison, stack: str, key: str, result: Judged) -> Iterator[Finding]:
    """Topics of alarms that CloudWatch may no longer publish to, or whose key it may no longer use."""
    lost = [
        text for text in result.refused if text.startswith((_ALARMING, "everybody: ")) and _TELLS.search(text)
    ]
    after = comparison.after[stack]
    topics = resources_of(after.template, "AWS::SNS::Topic")
    shut = [one for one, of in topics.items() if key == one or key in _logical_ids(of.get("KmsMasterKeyId"))]
    for topic in shut if lost else ():
        named = {topic} | {
            output["Export"]["Name"]
            for output in after.template.get("Outputs", {}).values()
            if "Export" in output and topic in _logical_ids(output.get("Value"))
        }
        told = [
            alarm
            for other in comparison.after.values()
            for kind in ALARMS
            for alarm in resources_of(other.template, kind).values()
            if other.beside(after) and named & {one for to in _actions(alarm) for one in _logical_ids(to)}
        ]
        if told:
            text = f"CloudWatch is refused from now on {several(lost)}: {len(told)} alarms tell nobody by it"
            yield _finding("WATCH-002", place_of(after), topic, text)


def _actions(alarm: Any) -> list[Any]:
    return [to for name in ACTIONS for to in listed(alarm.get(name))]


def _logical_ids(value: Any) -> set[str]:
    """What a value refers to: resources of its stack, and exports of others."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]} | {"Fn::ImportValue": str(name)}:
            return {name}
        case _:
            return set()


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
