"""GitHub's workflows after a merge: one of all stages, and one of a stack, called for each in turn."""

from typing import Any

from config.types.delivery import Delivery, GitHub
from config.types.stage_config import StageConfig
from delivery.ground.names import changes_environment, role_arn_of
from delivery.workflows import commands
from delivery.workflows.github_steps import credentials, expression, installed, kept, tested, unpacked

STACK_FILE = "deploy-stack.yml"
_IDENTITY = {"contents": "read", "id-token": "write"}
_GOES_ON = "!cancelled() && !failure()"
_INPUTS = {
    "stage": "string",
    "account": "string",
    "role": "string",
    "stack": "string",
    "id": "string",
    "region": "string",
    "alarms": "string",
    "bake": "number",
    "smoke": "string",
}


def deployment(delivery: Delivery, github: GitHub, stages: dict[str, StageConfig]) -> dict[str, Any]:
    """A stage after the other; what fails or is not approved stops those behind it."""
    jobs: dict[str, Any] = {
        "test": tested(github.runner),
        "synth": {
            "runs-on": github.runner,
            "timeout-minutes": 20,
            "steps": [
                *installed(),
                {"name": "Synth", "run": commands.SYNTH},
                kept("assembly", commands.ASSEMBLY, days=7),
            ],
        },
    }
    needed = "test"
    for target in delivery.targets:
        stage = stages[target.stage]
        jobs[f"{stage.name}-turns"] = _turns(github, stage, needed)
        jobs[stage.name] = _stage(stage, f"{stage.name}-turns")
        needed = stage.name
    return {
        "name": "Deploy",
        "on": {"push": {"branches": [github.branch]}, "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": "deploy", "cancel-in-progress": False},
        "jobs": jobs,
    }


def _turns(github: GitHub, stage: StageConfig, needed: str) -> dict[str, Any]:
    outputs = """\
cat turns.md >> "$GITHUB_STEP_SUMMARY"
printf 'turns=%s\\n' "$(cat turns.json)" >> "$GITHUB_OUTPUT"
"""
    return {
        "needs": ["synth", needed],
        "if": expression(f"{_GOES_ON} && github.ref == 'refs/heads/{github.branch}'"),
        "runs-on": github.runner,
        "timeout-minutes": 15,
        "environment": changes_environment(stage.name),
        "permissions": _IDENTITY,
        "outputs": {"turns": expression("steps.outputs.outputs.turns")},
        "steps": [
            *installed(),
            *unpacked(),
            credentials(role_arn_of(stage), stage.account, stage.region),
            {"name": "Turns", "env": {"STAGE": stage.name}, "run": commands.TURNS},
            {"name": "Outputs", "id": "outputs", "run": outputs},
        ],
    }


def _stage(stage: StageConfig, turns: str) -> dict[str, Any]:
    given = {name: expression(f"matrix.turn.{name}") for name in _INPUTS}
    found = f"needs.{turns}.outputs.turns"
    return {
        "needs": [turns],
        "if": expression(f"{_GOES_ON} && {found} != '' && {found} != '[]'"),
        "strategy": {
            "fail-fast": True,
            "max-parallel": 1,
            "matrix": {"turn": expression(f"fromJSON({found})")},
        },
        "permissions": _IDENTITY,
        "uses": f"./.github/workflows/{STACK_FILE}",
        "with": {**given, "stage": stage.name, "account": stage.account, "role": role_arn_of(stage)},
    }


def stack(github: GitHub) -> dict[str, Any]:
    """Its change set is made when its turn comes, shown, and executed as shown if the environment allows."""
    environment = {
        "STAGE": expression("inputs.stage"),
        "STACK": expression("inputs.stack"),
        "STACK_ID": expression("inputs.id"),
        "REGION": expression("inputs.region"),
    }
    outputs = """\
cat changes.md >> "$GITHUB_STEP_SUMMARY"
cat changes.env >> "$GITHUB_OUTPUT"
"""
    identity = credentials(
        expression("inputs.role"), expression("inputs.account"), expression("inputs.region")
    )
    job = {"runs-on": github.runner, "permissions": _IDENTITY}
    changes = f"{expression('inputs.stage')}-changes"
    made = expression("needs.prepare.outputs.change_set_id")
    prepare = {
        "name": "Prepare",
        "env": {
            **environment,
            "ALARMS": expression("inputs.alarms"),
            "BAKE_MINUTES": expression("inputs.bake"),
            "CHANGE_SET": f"deploy-{expression('github.sha')}-{expression('github.run_id')}",
        },
        "run": commands.PREPARE,
    }
    return {
        "name": "Deploy a stack",
        "on": {
            "workflow_call": {
                "inputs": {name: {"required": True, "type": kind} for name, kind in _INPUTS.items()}
            }
        },
        "permissions": {"contents": "read"},
        "jobs": {
            "prepare": {
                "name": f"Prepare {expression('inputs.stack')}",
                **job,
                "timeout-minutes": 30,
                "environment": changes,
                "outputs": {"change_set_id": expression("steps.outputs.outputs.change_set_id")},
                "steps": [
                    *installed(),
                    *unpacked(),
                    identity,
                    prepare,
                    {"name": "Outputs", "id": "outputs", "run": outputs},
                ],
            },
            "execute": {
                "name": f"Execute {expression('inputs.stack')}",
                "needs": ["prepare"],
                "if": expression("needs.prepare.outputs.change_set_id != ''"),
                **job,
                "timeout-minutes": 60,
                "environment": expression("inputs.stage"),
                "steps": [
                    *installed(),
                    *unpacked(),
                    identity,
                    {
                        "name": "Execute",
                        "env": {**environment, "CHANGE_SET_ID": made},
                        "run": commands.EXECUTE,
                    },
                ],
            },
            "smoke": {
                "name": f"Smoke {expression('inputs.region')}",
                "needs": ["execute"],
                "if": expression(f"{_GOES_ON} && inputs.smoke != ''"),
                **job,
                "timeout-minutes": 15,
                "environment": changes,
                "steps": [
                    *installed(),
                    identity,
                    {
                        "name": "Smoke",
                        "env": {**environment, "EXPECTED": expression("inputs.smoke")},
                        "run": commands.SMOKE,
                    },
                ],
            },
        },
    }
