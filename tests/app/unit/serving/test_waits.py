"""What a request waited for others is told once, to the request that waited."""

import pytest

from pipeline.serving.waiting import Waiting


def test_waits_of_a_request_add_up_and_the_next_one_begins_at_nothing() -> None:
    times = iter((0.0, 1.0, 5.0, 7.5, 20.0, 20.25))
    waiting = Waiting(lambda: next(times))

    assert waiting.take() == 0
    with waiting:
        pass
    with pytest.raises(KeyError), waiting:
        raise KeyError
    assert (waiting.take(), waiting.take()) == (3.5, 0)
    with waiting:
        pass
    assert waiting.take() == 0.25
