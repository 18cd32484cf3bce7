"""The roles of the functions that CloudFormation calls allow what their code calls, and nothing else."""

import pytest

from config.derived.names import PersonalizeNames
from config.schema import StageConfig
from config.use_cases import USE_CASES
from tests.app.support.business.stages import STAGES
from tests.app.support.template_reading import Right, Template, flat, resources_of, rights_of

every_primary = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def roles_of(template: Template, step: str) -> list[str]:
    return [
        function["Role"]["Fn::GetAtt"][0]
        for function in resources_of(template, "AWS::Lambda::Function").values()
        if function["Handler"] == f"steps.custom_resources.{step}.lambda_handler"
    ]


def without_logs(rights: set[Right]) -> set[Right]:
    """Every function writes its log; nothing else of CloudWatch Logs is allowed to any."""
    logs = {right for right in rights if right.action.startswith("logs:")}
    assert {right.action for right in logs} == {"logs:CreateLogStream", "logs:PutLogEvents"}
    return rights - logs


@every_primary
def test_settings_may_be_changed_on_the_stage_s_own_solutions_only(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = templates[f"{stage.id_in(stage.region)}-Data"]
    [role] = roles_of(template, "solution_settings")
    solutions = {PersonalizeNames(stage.name, use_case).solution for use_case in USE_CASES}

    assert without_logs(rights_of(template, role)) == {
        Right(action, f"arn:aws:personalize:{stage.region}:{stage.account}:solution/{solution}")
        for action in ("personalize:DescribeSolution", "personalize:UpdateSolution")
        for solution in solutions
    }


@every_primary
def test_a_bucket_s_emptier_may_empty_that_bucket_only(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    """Versions are listed and deleted by their id, unfinished uploads listed and aborted."""
    template = templates[f"{stage.id_in(stage.region)}-Data"]
    buckets = {
        flat(resource["BucketName"]).strip("<>")
        for resource in resources_of(template, "Custom::EmptyBucket").values()
    }
    found = [without_logs(rights_of(template, role)) for role in roles_of(template, "empty_bucket")]

    assert len(buckets) == len(found) == (0 if stage.keeps_data else 2)
    for bucket in buckets:
        assert {
            Right("s3:ListBucketMultipartUploads", f"<{bucket}.Arn>"),
            Right("s3:ListBucketVersions", f"<{bucket}.Arn>"),
            Right("s3:AbortMultipartUpload", f"<{bucket}.Arn>/*"),
            Right("s3:DeleteObjectVersion", f"<{bucket}.Arn>/*"),
        } in found


@every_primary
def test_campaigns_of_this_stage_may_be_taken_away_and_no_others(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = templates[f"{stage.id_in(stage.region)}-Data"]
    [role] = roles_of(template, "remove_campaign")
    campaigns = [
        PersonalizeNames(stage.name, use_case).campaign
        for use_case in USE_CASES
        if use_case.campaign_in(stage.name)
    ]

    assert without_logs(rights_of(template, role)) == {
        Right(action, f"arn:aws:personalize:{stage.region}:{stage.account}:campaign/{campaign}")
        for action in ("personalize:DeleteCampaign", "personalize:DescribeCampaign")
        for campaign in campaigns
    }
