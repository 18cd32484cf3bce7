"""Weights of a blend, learned on what people touched next."""

import numpy as np

from engine.fitting.blending import Pool, learned

PEOPLE, ITEMS, RIGHT = 200, 40, 1.5


def pool(*members: np.ndarray) -> Pool:
    """Of members' scores, people x items, of which the first is the one that is touched next."""
    wanted = np.zeros((PEOPLE, ITEMS), np.bool_)
    wanted[:, 0] = True
    stacked = np.stack(members).astype(np.float32)
    return Pool(stacked, np.ones(len(members)), wanted, np.ones(PEOPLE, np.int64))


def knowing(seed: int, right: float) -> np.ndarray:
    """Scores of noise, in which the item that is right stands out by so much."""
    scores = np.random.default_rng(seed).normal(size=(PEOPLE, ITEMS))
    scores[:, 0] += right
    return scores


def test_members_that_say_the_same_count_the_same() -> None:
    scores = knowing(1, RIGHT)

    assert learned(pool(scores, scores)).tolist() == [0.5, 0.5]


def test_members_that_know_different_things_are_blended_and_who_knows_nothing_is_left_out() -> None:
    weights = learned(pool(knowing(1, RIGHT), knowing(2, RIGHT), knowing(3, 0.0)))

    assert weights[2] == 0
    assert min(weights[:2]) > 0.3


def test_a_blend_is_never_worse_than_its_best_member_on_what_it_was_learned_on() -> None:
    for seed in range(20):
        many = pool(*(knowing(10 * seed + at, RIGHT * share) for at, share in enumerate((1, 0.3, 0, -0.5))))
        alone = [many.quality(scores).mean() for scores in many.scores]
        weights = learned(many)

        assert many.quality(many.blended(weights)).mean() >= max(alone)
        assert abs(weights.sum() - 1) < 1e-9
