"""The use cases and notifications of the sample business obey all rules."""

from config.notifications import NOTIFICATIONS
from config.rules import check
from config.rules.tracking import tracking_problems
from config.stages import STAGES
from config.use_cases import USE_CASES

BEFORE_THE_FIRST_DEPLOYMENT = {"recommendations:not-protected"}
"""what may be said of a production stage that is not deployed yet"""


def test_the_use_cases_of_this_repository_are_good() -> None:
    assert {notice.id for notice in check(STAGES, USE_CASES)} <= BEFORE_THE_FIRST_DEPLOYMENT
    names = [use_case.name for use_case in USE_CASES]
    assert names == sorted(names)
    assert set(names) >= {"posts", "similar_programs", "training_programs", "users_to_follow"}


def test_the_notifications_of_this_repository_are_good() -> None:
    assert {notice.id for notice in check(STAGES, USE_CASES, NOTIFICATIONS)} <= BEFORE_THE_FIRST_DEPLOYMENT


def test_people_to_follow_programs_and_posts_are_tracked_the_first_with_a_goal_of_three_percent() -> None:
    tracked = {case.name: case.tracking for case in USE_CASES if case.tracking}

    assert set(tracked) >= {"users_to_follow", "training_programs", "posts"}
    assert not [problem for case in USE_CASES for problem in tracking_problems(case)]
    follow = tracked["users_to_follow"]
    assert follow.conversion.goal == 0.03 and follow.actions == ("follow",)
