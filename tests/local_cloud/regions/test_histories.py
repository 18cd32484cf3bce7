"""Whatever two regions write, and however it travels: in the end both have what was written last."""

from hypothesis import HealthCheck, given, settings

from tests.local_cloud.support.regions import AWAY, HISTORIES, HOME, Regions, Step, told


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES)
def test_both_regions_end_with_the_last_writes(regions: Regions, steps: list[Step]) -> None:
    told(regions, steps)


def test_what_was_deleted_later_does_not_come_back_with_what_arrives_late(regions: Regions) -> None:
    told(
        regions,
        [
            Step("put", HOME, value=1),
            Step("resume", HOME),
            Step("add", AWAY, value=1),
            Step("pause", HOME),
            Step("put", HOME, value=2),
            Step("delete", AWAY),
            Step("put", HOME, value=3),
            Step("shuffle", HOME),
        ],
    )
