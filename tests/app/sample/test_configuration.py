"""What was asked of the sample business's use cases."""

from config.rules.tracking import tracking_problems
from tests.app.support.installed import installed

USE_CASES = installed().use_cases


def test_there_are_people_to_follow_programs_similar_ones_and_posts() -> None:
    assert {case.name for case in USE_CASES} >= {
        "posts",
        "similar_programs",
        "training_programs",
        "users_to_follow",
    }


def test_people_to_follow_programs_and_posts_are_tracked_the_first_with_a_goal_of_three_percent() -> None:
    tracked = {case.name: case.tracking for case in USE_CASES if case.tracking}

    assert set(tracked) >= {"users_to_follow", "training_programs", "posts"}
    assert not [problem for case in USE_CASES for problem in tracking_problems(case)]
    follow = tracked["users_to_follow"]
    assert follow.conversion.goal == 0.03 and follow.actions == ("follow",)
