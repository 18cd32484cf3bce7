"""In the middle of a ramp, whatever is taken away: nobody's answer is empty, untrue, or of the other arm."""

from __future__ import annotations

import pytest

from tests.app.support.experiments.experiment_chaos import FAULTS, check


@pytest.mark.parametrize("fault", FAULTS)
def test_everybody_is_answered_truthfully_and_keeps_their_arm(fault: str) -> None:
    print(check(fault, people=100, requests=400))
