"""Nothing that was acknowledged is lost, and nothing is counted twice, whatever is killed meanwhile."""

from pathlib import Path

from tests.app.support.event_storm.storm import brewing


def test_no_acknowledged_event_is_lost_or_counted_twice_in_a_storm(tmp_path: Path) -> None:
    with brewing(tmp_path, seed=1) as storm:
        storm.rage(800, calm_after=0.6, pause=(0.3, 1.5))
        storm.settle(seconds=120)
        found = storm.check()

    assert found.acknowledged == 800
    assert found.wrong == 0, found
    assert storm.toll.consumers_killed and storm.toll.proxy.total()
