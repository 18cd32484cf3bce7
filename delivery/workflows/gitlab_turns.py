"""The pipeline that GitLab runs for a stage: a job after the other, as the turns say."""

from typing import Any

from config.types.delivery import GitLab, Target
from config.types.stage_config import StageConfig
from delivery.ground.names import changes_environment
from delivery.stacks.turns import Turn, Turns
from delivery.workflows import commands
from delivery.workflows.gitlab_pipeline import identity, with_identity

_SKIP = """\
if [ -z "$change_set_id" ]; then
  echo "Nothing changes."
  exit 0
fi
export CHANGE_SET_ID="$change_set_id"
"""


def turns_pipeline(turns: Turns, target: Target, stage: StageConfig, gitlab: GitLab) -> dict[str, Any]:
    document: dict[str, Any] = {"default": {"image": gitlab.image, "interruptible": False}}
    if not turns.turns:
        document["nothing"] = {"script": ["echo 'Nothing is to be deployed.'"]}
        return document
    names = [kind for turn in turns.turns for kind in _kinds(turn)]
    document["stages"] = [f"{kind} {turn.stack}" for turn in turns.turns for kind in _kinds(turn)]
    needed: str | None = None
    for turn in turns.turns:
        for kind in _kinds(turn):
            name = f"{kind} {turn.stack}"
            document[name] = _job(kind, turn, target, stage, gitlab, needed)
            needed = name
    assert len(names) == len(document["stages"])
    return document


def _kinds(turn: Turn) -> tuple[str, ...]:
    return ("prepare", "execute", "smoke") if turn.smoke else ("prepare", "execute")


def _job(
    kind: str, turn: Turn, target: Target, stage: StageConfig, gitlab: GitLab, needed: str | None
) -> dict[str, Any]:
    """needed: the job before this one."""
    own = identity(stage, gitlab)
    variables = {
        **own["variables"],
        "AWS_REGION": turn.region,
        "REGION": turn.region,
        "STACK": turn.stack,
        "STACK_ID": turn.id,
    }
    needs: list[dict[str, Any]] = [{"pipeline": "$PARENT_PIPELINE_ID", "job": "synth"}]
    if kind == "execute":
        needs.append({"job": f"prepare {turn.stack}", "artifacts": True})
    elif needed:
        needs.append({"job": needed, "artifacts": False})
    environment = {"name": changes_environment(stage.name), "action": "prepare"}
    job: dict[str, Any] = {
        "stage": f"{kind} {turn.stack}",
        "needs": needs,
        "resource_group": stage.name,
        "before_script": with_identity(),
        "id_tokens": own["id_tokens"],
    }
    match kind:
        case "prepare":
            watch = {
                "ALARMS": turn.alarms,
                "BAKE_MINUTES": str(turn.bake),
                "CHANGE_SET": "deploy-$CI_COMMIT_SHA-$PARENT_PIPELINE_ID",
            }
            return job | {
                "timeout": "30m",
                "environment": environment,
                "variables": variables | watch,
                "script": [commands.UNPACK, commands.PREPARE],
                "artifacts": {
                    "paths": ["changes.md"],
                    "reports": {"dotenv": "changes.env"},
                    "expire_in": "30 days",
                },
            }
        case "execute":
            manual = {"when": "manual", "allow_failure": False} if target.approval else {}
            return (
                job
                | manual
                | {
                    "timeout": "1h",
                    "environment": {"name": stage.name},
                    "variables": variables,
                    "script": [_SKIP, commands.UNPACK, commands.EXECUTE],
                }
            )
        case _:
            return job | {
                "timeout": "15m",
                "environment": environment,
                "variables": variables | {"EXPECTED": turn.smoke},
                "script": [commands.SMOKE],
            }
