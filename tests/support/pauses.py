"""Chance that always chooses the longest pause, so that a test can say how long each may be."""

import random


class LongestPauses(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)
