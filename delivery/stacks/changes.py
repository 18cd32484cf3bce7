"""A change set, as whoever approves it reads it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.ground.errors import NotDelivered

_SHOWN = 200
_EMPTY = ("didn't contain changes", "No updates are to be performed")
"""In the words of CloudFormation, https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference,
CreateChangeSet, and of its answers."""
_WORDS = {
    "Add": "added",
    "Modify": "changed",
    "Remove": "removed",
    "Import": "imported",
    "Dynamic": "decided on the way",
    "SyncWithActual": "brought in line with what is there",
}
_FIRST = ("replaced", "may be replaced", "removed")


@dataclass(frozen=True)
class Change:
    what: str
    logical_id: str
    type: str
    properties: tuple[str, ...]


@dataclass(frozen=True)
class ChangeSet:
    """id: its ARN, by which this one and no later one of the same name is executed; None: nothing changes."""

    stack: str
    id: str | None
    changes: tuple[Change, ...]
    triggers: tuple[str, ...] = ()
    minutes: int = 0

    @property
    def markdown(self) -> str:
        """A heading, what watches the deployment, and the changes, those that lose something first."""
        if self.id is None:
            return f"### {self.stack}\n\nNothing changes.\n"
        counts = Counter(change.what for change in self.changes)
        told = ", ".join(f"**{n} {what}**" if what in _FIRST else f"{n} {what}" for what, n in counts.items())
        lines = [f"### {self.stack}", "", told or "No resource changes.", "", _watch(self), ""]
        if self.changes:
            lines += ["| | resource | type | because of |", "|---|---|---|---|"]
            lines += [
                f"| {one.what} | `{one.logical_id}` | {one.type} | {', '.join(one.properties)} |"
                for one in self.changes[:_SHOWN]
            ]
        if len(self.changes) > _SHOWN:
            lines += ["", f"and {len(self.changes) - _SHOWN} more"]
        return "\n".join([*lines, ""])


def change_set(client: Any, stack: str, name: str) -> ChangeSet:
    """client: of CloudFormation. Raises: NotDelivered, if it cannot be executed."""
    try:
        pages = list(
            client.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=name)
        )
    except client.exceptions.ChangeSetNotFoundException:
        # The command line makes none, or takes it away, where the templates are equal.
        return ChangeSet(stack, None, ())
    first = pages[0]
    reason = str(first.get("StatusReason", ""))
    if any(words in reason for words in _EMPTY):
        return ChangeSet(stack, None, ())
    if first["ExecutionStatus"] != "AVAILABLE":
        raise NotDelivered(f"the change set {name} of {stack} is {first['Status']}: {reason}")
    watch = first.get("RollbackConfiguration", {})
    return ChangeSet(
        stack,
        str(first["ChangeSetId"]),
        tuple(sorted(_changes(pages), key=_weight)),
        tuple(str(trigger["Arn"]) for trigger in watch.get("RollbackTriggers", ())),
        int(watch.get("MonitoringTimeInMinutes", 0)),
    )


def _changes(pages: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    for page in pages:
        for change in page["Changes"]:
            if one := change.get("ResourceChange"):
                yield Change(
                    _word(one),
                    str(one["LogicalResourceId"]),
                    str(one["ResourceType"]),
                    tuple(dict.fromkeys(_targets(one.get("Details", ())))),
                )


def _targets(details: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for detail in details:
        target = detail.get("Target", {})
        yield str(target.get("Name") or target.get("Attribute") or "")


def _word(change: Mapping[str, Any]) -> str:
    replacement = change.get("Replacement")
    if replacement == "True":
        return "replaced"
    if replacement == "Conditional":
        return "may be replaced"
    return _WORDS.get(change["Action"], str(change["Action"]))


def _weight(change: Change) -> tuple[int, str]:
    order = (*_FIRST, "changed", "added")
    return (order.index(change.what) if change.what in order else len(order), change.logical_id)


def _watch(made: ChangeSet) -> str:
    if not made.triggers:
        return "No alarm watches it."
    names = ", ".join(f"`{arn.rpartition(':')[2]}`" for arn in made.triggers)
    until = f"until {made.minutes} minutes after it is done"
    return f"Rolled back if one of these alarms goes off {until}: {names}."
