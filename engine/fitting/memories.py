"""How fast each member forgets, chosen by what validates best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.fitting.algorithms import MemberConfig, train_member
from engine.fitting.validation import Validation
from engine.ground.arrays import Floats
from engine.ground.histories import Recency
from engine.models.next_item import Counted, NextItemConfig
from engine.scorers.blend import has_recency
from engine.scorers.scorer import Scorer

FIRST_HALF_LIVES = (12.0,)
"""of the next item's first block, tried beside that of the config"""
STRENGTH_STEP, STRENGTH_STEPS = 3.0, 2
"""how the strength of its lambda is searched"""


@dataclass(frozen=True)
class Tuned:
    member: MemberConfig
    scores: Floats
    """of the validation: users x items"""
    scorers: Sequence[Scorer]
    """one for each part of the validation"""


def tuned(member: MemberConfig, half_lives: Sequence[float | None], validation: Validation) -> Tuned:
    """The member with the recency that validates best."""
    scorers: list[Any] = validation.trained(lambda part: train_member(part, member))
    if not has_recency(scorers[0]):
        return Tuned(member, validation.scores(scorers), scorers)
    best: tuple[float, Recency | None] | None = None
    for half_life in half_lives:
        choice = None if half_life is None else Recency(half_life=half_life)
        quality = validation.quality(validation.scores([replace(one, recency=choice) for one in scorers]))
        if best is None or quality > best[0]:
            best = quality, choice
    assert best is not None
    scorers = [replace(one, recency=best[1]) for one in scorers]
    weighing: Any = member
    return Tuned(replace(weighing, recency=best[1]), validation.scores(scorers), scorers)


def tuned_if_it_helps(
    member: NextItemConfig, validation: Validation, helps: Callable[[Floats], bool]
) -> Tuned | None:
    """The same of the member that weighs a history as it was trained to: its half-lives, then its strength.

    From the strength of the config up as long as it gains, or else down. A training takes long, and there are
    several; so if it is of no use as it comes, None is the answer at once.
    helps: is it of use with these scores?
    """
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
    scorers = [one.scorer(config.strength) for one in counted]
    scores = validation.scores(scorers)
    return _Judged(validation.quality(scores), config, Tuned(config, scores, scorers))
