"""GitLab's pipeline: the same commands. Each stage is deployed by a pipeline of its own, made on the way."""

from typing import Any

from config.types.delivery import Delivery, GitLab, Target
from config.types.stage_config import StageConfig
from delivery.ground.names import changes_environment, role_arn_of
from delivery.workflows import commands

TOKEN_FILE = "$CI_PROJECT_DIR/.git/identity-token"
"""Of the job alone, also on a runner that others share; neither committed nor an artefact."""
_MERGE = "$CI_PIPELINE_SOURCE == 'merge_request_event'"
_REVIEWED = """\
export BASE="$CI_MERGE_REQUEST_DIFF_BASE_SHA" HEAD="$CI_COMMIT_SHA"
export DESCRIPTION="$CI_MERGE_REQUEST_DESCRIPTION"
"""
_NOTE = """\
if [ -n "$REVIEW_TOKEN" ]; then .venv/bin/python -m delivery note review.md; fi
"""


def identity(stage: StageConfig, gitlab: GitLab) -> dict[str, Any]:
    """Of a job: GitLab's word for who it is, which SDKs change for the role's credentials."""
    return {
        "id_tokens": {"AWS_TOKEN": {"aud": f"https://{gitlab.host}"}},
        "variables": {
            "STAGE": stage.name,
            "AWS_ROLE_ARN": role_arn_of(stage),
            "AWS_ROLE_SESSION_NAME": "pipeline-$CI_PIPELINE_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE": TOKEN_FILE,
            "AWS_REGION": stage.region,
        },
    }


def before() -> list[str]:
    return [commands.INSTALL]


def with_identity() -> list[str]:
    return [*before(), '(umask 077 && printf \'%s\' "$AWS_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE")']


def pipeline(delivery: Delivery, gitlab: GitLab, stages: dict[str, StageConfig]) -> dict[str, Any]:
    on_branch = f"$CI_COMMIT_BRANCH == '{gitlab.branch}'"
    merged = [{"if": on_branch}]
    document: dict[str, Any] = {
        "workflow": {"rules": [{"if": _MERGE}, {"if": on_branch}]},
        "default": {"image": gitlab.image, "interruptible": False},
        "stages": ["check", "synth", *(target.stage for target in delivery.targets)],
        "check": {"stage": "check", "timeout": "20m", "interruptible": True}
        | _script(commands.INSTALL, commands.CHECK),
        "test": {"stage": "check", "timeout": "1h", "interruptible": True}
        | _script(commands.INSTALL, commands.TEST),
        "review": _review(),
        "synth": {
            "stage": "synth",
            "rules": merged,
            "timeout": "20m",
            "artifacts": {"paths": [commands.ASSEMBLY], "expire_in": "7 days"},
        }
        | _script(commands.INSTALL, commands.SYNTH),
    }
    for target in delivery.targets:
        stage = stages[target.stage]
        document[f"{stage.name}-turns"] = {
            "stage": stage.name,
            "rules": merged,
            "needs": ["synth", *_before(delivery, target)],
            "timeout": "15m",
            "environment": {"name": changes_environment(stage.name), "action": "prepare"},
            "before_script": with_identity(),
            "script": [commands.UNPACK, commands.TURNS],
            "artifacts": {"paths": ["turns.md", "turns.yml"], "expire_in": "7 days"},
        } | identity(stage, gitlab)
        document[stage.name] = {
            "stage": stage.name,
            "rules": merged,
            "needs": [f"{stage.name}-turns"],
            "variables": {"PARENT_PIPELINE_ID": "$CI_PIPELINE_ID"},
            "trigger": {
                "include": [{"artifact": "turns.yml", "job": f"{stage.name}-turns"}],
                "strategy": "depend",
            },
        }
    return document


def _before(delivery: Delivery, target: Target) -> list[str]:
    place = delivery.targets.index(target)
    return [delivery.targets[place - 1].stage] if place else []


def _script(*lines: str) -> dict[str, Any]:
    return {"script": list(lines)}


def _review() -> dict[str, Any]:
    """Without a token, as in forks, the report is an artefact."""
    return {
        "stage": "check",
        "rules": [{"if": _MERGE}],
        "timeout": "20m",
        "interruptible": True,
        "variables": {"GIT_DEPTH": 0},
        "script": [commands.INSTALL, _REVIEWED, commands.REVIEW],
        "after_script": [_NOTE],
        "artifacts": {
            "when": "always",
            "paths": ["review.md", "review-whole.md", "review.json"],
            "expose_as": "Review",
            "expire_in": "30 days",
        },
    }
