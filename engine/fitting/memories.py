"""How fast each member forgets, chosen by what validates best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from engine.fitting.algorithms import MemberConfig, train_member
from engine.fitting.blending import gains, learned, pooled
from engine.fitting.validation import Validation
from engine.ground.arrays import Floats
from engine.ground.histories import Recency
from engine.models.next_item import Counted, NextItemConfig
from engine.scorers.blend import has_recency
from engine.scorers.scorer import Scorer

FIRST_HALF_LIVES = (12.0,)
"""of the next item's first block, tried beside that of the config"""
BACKWARDS = (0.0,)
"""tried beside that of the config"""
STRENGTH_STEP, STRENGTH_STEPS = 3.0, 2
"""how the strength of its lambda is searched"""


@dataclass(frozen=True)
class Tuned:
    member: MemberConfig
    scores: Floats
    """of the validation: users x items"""
    scorers: Sequence[Scorer]
    """one for each part of the validation"""


def all_tuned(
    members: Sequence[MemberConfig],
    recencies: Sequence[Recency | None],
    validation: Validation,
    *,
    many: bool,
) -> tuple[Validation, list[Tuned]]:
    """In their order; the next item, which takes longest, only where it adds something to the others.

    Of `many` items candidates alone are asked about, as in the validation that is the first value: what any
    of the members brings up.
    """
    trained: dict[int, Sequence[Scorer]] = {}
    if many:
        trained = {at: _trained(member, validation) for at, member in enumerate(members)}
        validation = validation.narrowed(trained.values())
    found: dict[int, Tuned] = {}
    for at, member in enumerate(members):
        if not isinstance(member, NextItemConfig):
            found[at] = tuned(member, recencies, validation, trained.get(at))
    for at, member in enumerate(members):
        if isinstance(member, NextItemConfig):
            helps = partial(_adds, [one.scores for one in found.values()], validation)
            one = tuned_if_it_helps(member, validation, helps, trained.get(at))
            if one is not None:
                found[at] = one
    return validation, [found[at] for at in sorted(found)]


def _adds(others: Sequence[Floats], validation: Validation, scores: Floats) -> bool:
    if not others:
        return True
    pool = pooled([*others, scores], validation.relevant, validation.ranks)
    return gains(pool, np.append(learned(pool.first(len(others))), 0.0), len(others))


def _trained(member: MemberConfig, validation: Validation) -> list[Scorer]:
    return validation.trained(lambda part: train_member(part, member))


def tuned(
    member: MemberConfig,
    recencies: Sequence[Recency | None],
    validation: Validation,
    trained: Sequence[Scorer] | None = None,
) -> Tuned:
    """The member with the recency that validates best."""
    scorers: list[Any] = list(trained or _trained(member, validation))
    if not has_recency(scorers[0]):
        return Tuned(member, validation.scores(scorers), scorers)
    best: tuple[float, Recency | None] | None = None
    for choice in recencies:
        quality = validation.quality(validation.scores([replace(one, recency=choice) for one in scorers]))
        if best is None or quality > best[0]:
            best = quality, choice
    assert best is not None
    scorers = [replace(one, recency=best[1]) for one in scorers]
    weighing: Any = member
    return Tuned(replace(weighing, recency=best[1]), validation.scores(scorers), scorers)


def tuned_if_it_helps(
    member: NextItemConfig,
    validation: Validation,
    helps: Callable[[Floats], bool],
    trained: Sequence[Scorer] | None = None,
) -> Tuned | None:
    """The same of the member that weighs a history as it was trained to: its half-lives, whether what came
    before counts, then its strength.

    From the strength of the config up as long as it gains, or else down. A training takes long, and there are
    several; so if it is of no use as it comes, None is the answer at once, and if it is trained already, as
    where there are many items, nothing is searched.
    helps: is it of use with these scores?
    """
    if trained is not None:
        only = Tuned(member, validation.scores(trained), trained)
        return only if helps(only.scores) else None
    counted = _counted(member, validation)
    best = _judged(member, counted, validation)
    if not helps(best.tuned.scores):
        return None
    latest = member
    for half_life in (one for one in FIRST_HALF_LIVES if one != member.half_lives[0]):
        latest = replace(member, half_lives=(half_life, *member.half_lives[1:]))
        del counted  # only one set of counts is in memory
        counted = _counted(latest, validation)
        best = max(best, _judged(latest, counted, validation), key=lambda one: one.quality)
    if best.config != latest:
        del counted
        counted = _counted(best.config, validation)
    for backwards in (one for one in BACKWARDS if one != best.config.backwards):
        config = replace(best.config, backwards=backwards)
        best = max(best, _judged(config, counted, validation), key=lambda one: one.quality)
    for factor in (STRENGTH_STEP, 1 / STRENGTH_STEP):
        start = best
        for _ in range(STRENGTH_STEPS):
            config = replace(best.config, strength=best.config.strength * factor)
            tried = _judged(config, counted, validation)
            if tried.quality <= best.quality:
                break
            best = tried
        if best is not start:
            break
    return best.tuned


@dataclass(frozen=True)
class _Judged:
    quality: float
    config: NextItemConfig
    tuned: Tuned


def _counted(config: NextItemConfig, validation: Validation) -> list[Counted]:
    return [Counted.of(part, config) for part in validation.parts]


def _judged(config: NextItemConfig, counted: Sequence[Counted], validation: Validation) -> _Judged:
    scorers = [one.scorer(config.strength, config.backwards) for one in counted]
    scores = validation.scores(scorers)
    return _Judged(validation.quality(scores), config, Tuned(config, scores, scorers))
