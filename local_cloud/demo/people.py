"""Which people the demo shows: a few whose tastes differ, the same ones every time."""

from collections import Counter
from collections.abc import Mapping

import numpy as np


def choose(liked_topics: Mapping[str, Counter[str]], count: int) -> list[str]:
    """Ids of people: the one with the most pronounced taste first, then always the one least like the chosen.

    `liked_topics` says how often each person liked each topic; few likes make no taste to speak of.
    """
    people = _talkative(liked_topics)
    if not people:
        return []
    vectors = _directions({person: liked_topics[person] for person in people})
    chosen = [int(np.linalg.norm(vectors, axis=1).argmax())]
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    while len(chosen) < min(count, len(people)):
        likeness = (unit @ unit[chosen].T).max(axis=1)
        likeness[chosen] = np.inf
        chosen.append(int(likeness.argmin()))
    return [people[row] for row in chosen]


def favourites(person: Counter[str], everybody: Counter[str], count: int) -> tuple[str, ...]:
    """The topics that a person likes more than others do, the most telling first."""
    own, all_ = person.total(), everybody.total()
    excess = {topic: likes / own - everybody[topic] / all_ for topic, likes in person.items()} if own else {}
    special = (topic for topic, more in excess.items() if more > 0)
    return tuple(sorted(special, key=lambda topic: (-excess[topic], topic))[:count])


def _talkative(liked_topics: Mapping[str, Counter[str]]) -> list[str]:
    """The middle half by number of likes: neither the silent nor those who like everything."""
    ranked = sorted(liked_topics, key=lambda person: (liked_topics[person].total(), person))
    return sorted(ranked[len(ranked) // 2 : len(ranked) - len(ranked) // 8])


def _directions(liked_topics: Mapping[str, Counter[str]]) -> np.ndarray:
    """(people, topics): how each person's shares differ from the average, sorted by topic."""
    topics = sorted({topic for likes in liked_topics.values() for topic in likes})
    counts = np.array([[likes[topic] for topic in topics] for likes in liked_topics.values()], dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    centred = shares - shares.mean(axis=0)
    return np.asarray(centred)
