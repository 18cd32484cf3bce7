"""Experiments in the serving table: the current one beside the pointers, and each version for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.errors import ExperimentBroken
from pipeline.experiments.experiment import Arm, Experiment
from pipeline.formats import FORMAT, NEWEST, known
from pipeline.serving_items import Attributes

CURRENT, VERSION = "current", "version"
_TEXTS = ("state", "salt", "hypothesis", "metric", "started_at", "changed_at", "changed_by", "why")
_NUMBERS = ("version", "exposure", "held_back")
_MEMBERS = (*_TEXTS, *_NUMBERS, "approval", "held", "arms", "overrides", "region", "epoch")
_KEY = ("pk", "sk")


def experiment_pk(use_case: str) -> str:
    return f"experiment#{use_case}"


def current_key(use_case: str) -> Attributes:
    return {"pk": {"S": experiment_pk(use_case)}, "sk": {"S": CURRENT}}


def version_key(use_case: str, version: int) -> Attributes:
    return {"pk": {"S": experiment_pk(use_case)}, "sk": {"S": f"{VERSION}#{version:08d}"}}


def item_of(experiment: Experiment, key: Attributes) -> Attributes:
    """Under `current_key` or `version_key`."""
    item: Attributes = {**experiment.more, **key, FORMAT: {"N": str(NEWEST)}}
    item |= {name: {"S": getattr(experiment, name)} for name in _TEXTS}
    item |= {name: {"N": str(getattr(experiment, name))} for name in _NUMBERS}
    item["arms"] = {"L": [{"M": _arm_item(arm)} for arm in experiment.arms]}
    item["overrides"] = {"M": {user: {"S": arm} for user, arm in experiment.overrides.items()}}
    if experiment.approval:
        item["approval"] = {"S": experiment.approval}
    if experiment.held:
        item["held"] = {"BOOL": True}
    if experiment.region is not None:
        item["region"] = {"S": experiment.region}
    if experiment.epoch is not None:
        item["epoch"] = {"N": str(experiment.epoch)}
    return item


def _arm_item(arm: Arm) -> Attributes:
    return {"name": {"S": arm.name}, "variant": {"S": arm.variant}, "weight": {"N": str(arm.weight)}}


def experiment_of(item: Mapping[str, Any], use_case: str) -> Experiment:
    """Raises: UnknownFormat, if a newer version wrote it; ExperimentBroken, which names every problem."""
    what = f"the experiment of {use_case}"
    reading = _Reading(item)
    reading.format(what)
    given: dict[str, Any] = {name: reading.text(name) for name in _TEXTS}
    given |= {name: reading.number(name) for name in _NUMBERS}
    given["arms"] = reading.member("arms", lambda value: tuple(_arm(entry["M"]) for entry in value["L"]))
    given["overrides"] = reading.member(
        "overrides", lambda value: {user: str(arm["S"]) for user, arm in value["M"].items()}, missing={}
    )
    given["approval"] = reading.text("approval") if "approval" in item else ""
    given["held"] = reading.member("held", lambda value: bool(value["BOOL"]), missing=False)
    given["region"] = reading.text("region") if "region" in item else None
    given["epoch"] = reading.number("epoch") if "epoch" in item else None
    if not reading.problems:
        more = {name: value for name, value in item.items() if name not in (*_MEMBERS, *_KEY, FORMAT)}
        experiment = Experiment(**given, more=more)
        reading.problems += experiment.problems()
        if not reading.problems:
            return experiment
    raise ExperimentBroken(f"{what} is broken: {'; '.join(reading.problems)}")


def _arm(value: Mapping[str, Any]) -> Arm:
    return Arm(str(value["name"]["S"]), str(value["variant"]["S"]), int(value["weight"]["N"]))


class _Reading:
    """Members of an item, and what is wrong with them."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        self._item = item
        self.problems: list[str] = []

    def format(self, what: str) -> None:
        """Raises: UnknownFormat."""
        try:
            known(self._item, what)
        except (KeyError, TypeError, ValueError):
            self.problems.append(f"{FORMAT} cannot be read: {self._item[FORMAT]!r}"[:200])

    def text(self, name: str) -> Any:
        return self.member(name, lambda value: str(value["S"]))

    def number(self, name: str) -> Any:
        return self.member(name, lambda value: int(value["N"]))

    def member(self, name: str, read: Callable[[Any], Any], *, missing: Any = None) -> Any:
        if name not in self._item:
            if missing is None:
                self.problems.append(f"{name} is missing")
            return missing
        try:
            return read(self._item[name])
        except (KeyError, TypeError, ValueError, AttributeError):
            self.problems.append(f"{name} cannot be read: {self._item[name]!r}"[:200])
            return missing
