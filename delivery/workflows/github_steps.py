"""Steps that several of GitHub's jobs have."""

from typing import Any

from delivery.workflows import commands
from delivery.workflows.actions import CHECKOUT, CREDENTIALS, DOWNLOAD, PYTHON, UPLOAD

Step = dict[str, Any]
PYTHON_VERSION = "3.12"
SESSION_SECONDS = 3600
"""As long as the CDK's roles are lent to another role at most."""


def expression(text: str) -> str:
    return "${{ " + text + " }}"


def checkout(*, depth: int | None = None) -> Step:
    options = {} if depth is None else {"fetch-depth": depth}
    return {"uses": CHECKOUT.uses, "with": {"persist-credentials": False, **options}}


def installed(*, depth: int | None = None) -> list[Step]:
    return [
        checkout(depth=depth),
        {"uses": PYTHON.uses, "with": {"python-version": PYTHON_VERSION, "cache": "pip"}},
        {"name": "Install", "run": commands.INSTALL},
    ]


def tested(runner: str) -> dict[str, Any]:
    """A job: style and types, and then what takes longer."""
    steps = [
        *installed(),
        {"name": "Check", "run": commands.CHECK},
        {"name": "Test", "run": commands.TEST},
    ]
    return {"runs-on": runner, "timeout-minutes": 60, "steps": steps}


def kept(name: str, *paths: str, days: int, always: bool = False) -> Step:
    step: Step = {"if": expression("!cancelled()")} if always else {}
    return {
        **step,
        "uses": UPLOAD.uses,
        "with": {
            "name": name,
            "path": "\n".join(paths) + ("\n" if len(paths) > 1 else ""),
            "if-no-files-found": "warn" if always else "error",
            "retention-days": days,
        },
    }


def unpacked() -> list[Step]:
    """The assembly that the run has synthesised once."""
    return [
        {"uses": DOWNLOAD.uses, "with": {"name": "assembly"}},
        {"name": "Unpack", "run": commands.UNPACK},
    ]


def credentials(role: str, account: str, region: str) -> Step:
    return {
        "name": "Credentials",
        "uses": CREDENTIALS.uses,
        "with": {
            "role-to-assume": role,
            "role-session-name": expression("github.run_id"),
            "role-duration-seconds": SESSION_SECONDS,
            "aws-region": region,
            "allowed-account-ids": account,
        },
    }
