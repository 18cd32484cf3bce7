"""java.util.Random: whoever seeds it gets the numbers that Step Functions gives."""

_MULTIPLIER = 0x5DEECE66D
_ADDEND = 0xB
_MASK = (1 << 48) - 1


class JavaRandom:
    """The 48-bit linear congruential generator that the documentation of java.util.Random prescribes."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ _MULTIPLIER) & _MASK

    def next_double(self) -> float:
        """At least 0 and less than 1, of 53 random bits."""
        high = self._next(26)
        return float((high << 27) + self._next(27)) / float(1 << 53)

    def _next(self, bits: int) -> int:
        self._state = (self._state * _MULTIPLIER + _ADDEND) & _MASK
        return self._state >> (48 - bits)
