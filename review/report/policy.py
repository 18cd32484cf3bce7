"""The policy file: from which severity on a review fails, and how severe rules and stages are to a team."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from config.place import part
from review.changes.model import Place
from review.ground.findings import Severity
from review.ground.table import RULES
from review.report.rows import Row

DEFAULT = part("review.toml")
_KEYS = {"fail_on", "severities", "stages", "monthly_increase_usd"}
_WORDS = {severity.word: severity for severity in Severity}


class BadPolicyFile(ValueError):
    """All that is wrong with a policy file at once."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """fail_on: what of this severity or above is not acknowledged fails the review; None: nothing does.
    severities: by rule. stages: the most that a finding of a stage only can be, where its stack is settled.
    monthly_increase_usd: by how much the estimate may grow. file: where it is from.
    """

    fail_on: Severity | None = Severity.HIGH
    severities: Mapping[str, Severity] = field(default_factory=dict)
    stages: Mapping[str, Severity] = field(default_factory=dict)
    monthly_increase_usd: float | None = None
    file: str = "the policy"

    @property
    def noted(self) -> frozenset[str]:
        """Stages in lower case of which nothing is more than a note."""
        return frozenset(name.lower() for name, most in self.stages.items() if most is Severity.NOTE)


def policy_of(file: Path) -> Policy:
    """Raises: BadPolicyFile, if it cannot be read, is no TOML or says what is not known."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicyFile(
            f"the policy {file} cannot be read ({error}): name one like {DEFAULT.name} of the configuration"
        ) from error
    return policy_in(text, str(file))


def policy_in(text: str, file: str) -> Policy:
    """file: where the text is from. Raises: BadPolicyFile, if it is no TOML or says what is not known."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicyFile(f"{file}: {error}") from None
    problems = [f"{key} is not known: one of {', '.join(sorted(_KEYS))}" for key in content.keys() - _KEYS]
    severities = _severities(content.get("severities", {}), "severities", problems)
    problems += [f"severities: there is no rule {rule}" for rule in severities if rule not in RULES]
    stages = _severities(content.get("stages", {}), "stages", problems)
    fail_on = content.get("fail_on", "high")
    if fail_on != "never" and fail_on not in _WORDS:
        problems.append(f"fail_on is {fail_on!r}: one of never, {', '.join(_WORDS)}")
    increase = content.get("monthly_increase_usd")
    if increase is not None and (isinstance(increase, bool) or not isinstance(increase, int | float)):
        problems.append(f"monthly_increase_usd is {increase!r}: a number of dollars")
    if problems:
        raise BadPolicyFile(f"{file}: " + "; ".join(problems))
    return Policy(
        fail_on=_WORDS.get(fail_on),
        severities=severities,
        stages=stages,
        monthly_increase_usd=increase,
        file=file,
    )


def check_stages(policy: Policy, known: Collection[str]) -> None:
    """known: as the report has them, those of the configuration and of both assemblies.

    Raises: BadPolicyFile, if the policy names another one.
    """
    problems = []
    for stage in sorted(policy.stages.keys() - {*known}):
        alike = get_close_matches(stage.lower(), [one.lower() for one in known], n=1)
        meant = [one for one in sorted(known) if one.lower() in alike]
        problems.append(
            f"stages.{stage}: there is no such stage"
            + (f"; is {meant[0]} meant?" if meant else "")
            + f" (there are {', '.join(sorted(known))})"
        )
    if problems:
        raise BadPolicyFile(f"{policy.file}: " + "; ".join(problems))


def _severities(table: Any, name: str, problems: list[str]) -> dict[str, Severity]:
    if not isinstance(table, Mapping):
        problems.append(f"{name} is no table")
        return {}
    problems += [
        f"{name}.{key} is {word!r}: one of {', '.join(_WORDS)}"
        for key, word in table.items()
        if word not in _WORDS
    ]
    return {str(key): _WORDS[word] for key, word in table.items() if word in _WORDS}


def weighed(rows: Sequence[Row], policy: Policy, settled: Collection[Place]) -> list[Row]:
    """With severities by the policy, the worst first. settled: places that stages of the policy are about."""
    found = [_weighed(row, policy, settled) for row in rows]
    return sorted(found, key=lambda row: -row.severity)


def _weighed(row: Row, policy: Policy, settled: Collection[Place]) -> Row:
    severity = policy.severities.get(row.rule.id, row.severity)
    most = [
        policy.stages.get(place.stage, Severity.HIGH) if place in settled else Severity.HIGH
        for place in row.places
    ]
    return replace(row, severity=min(severity, max(most, default=Severity.HIGH)))


def failing(rows: Sequence[Row], policy: Policy) -> list[Row]:
    if policy.fail_on is None:
        return []
    return [row for row in rows if row.severity >= policy.fail_on and not row.acknowledged]
