"""What a solution version is called, and the settings it shows."""

from tests.personalize_server.support.journey import Journey


def test_a_version_without_a_name_is_called_by_its_solution_and_id(journey: Journey) -> None:
    api, solution = journey.personalize, journey.solution(journey.ready_to_train(), "aws-sims")
    version = journey.train(solution)
    name = version["solutionVersionArn"].split(":solution/")[1]
    assert version["name"] == name and name.startswith(f"{journey.name}/")
    assert version["solutionConfig"] == {}
    latest = api.describe_solution(solutionArn=solution)["solution"]["latestSolutionVersion"]
    assert latest["solutionVersionArn"] == version["solutionVersionArn"]


def test_a_version_keeps_the_name_it_is_given(journey: Journey) -> None:
    solution = journey.solution(
        journey.ready_to_train(), "aws-sims", solutionConfig={"eventValueThreshold": "2"}, eventType="view"
    )
    made = journey.personalize.create_solution_version(solutionArn=solution, name="first")
    version = journey.trained(made["solutionVersionArn"])
    assert version["name"] == "first"
    assert version["solutionConfig"] == {"eventValueThreshold": "2"}
