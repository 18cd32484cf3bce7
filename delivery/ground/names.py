"""Names that workflow files, environments and roles have in common."""

from config.types.stage_config import APP, StageConfig


def changes_environment(stage: str) -> str:
    """Where change sets are made and looked at: without an approval, which is for what was looked at."""
    return f"{stage}-changes"


def role_name(stage: str) -> str:
    return f"{APP}-{stage}-delivery"


def role_arn_of(stage: StageConfig) -> str:
    return f"arn:aws:iam::{stage.account}:role/{role_name(stage.name)}"
