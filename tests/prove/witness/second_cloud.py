"""MiniStack with the shim and a Personalize server of ours, in processes of their own."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from botocore.exceptions import BotoCoreError

from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.cdk import Deployment
from local_cloud.machine import processes
from local_cloud.machine.commands import Commands
from tests.app.support.business.stages import LOCAL
from tests.prove.witness.environments import ROOT, environment
from tests.support.waiting import eventually

MINISTACK = "ministack==1.5.33"
# What it brings no boto3 for; the functions' runtime has one. It pins botocore, so this is of the same day.
BOTO3 = "boto3==1.43.106"
_BANNER = "  Services:"
SHIM = Path(__file__).with_name("shim.py")


@contextmanager
def ministack(folder: Path, port: int, time_scale: float) -> Iterator[Settings]:
    """Takes this port for AWS and Personalize, and the next one for the Personalize server behind it."""
    functions = [
        part for file in sorted((ROOT / "lambda_src").glob("requirements-*.txt")) for part in ("-r", file)
    ]
    commands = environment(folder / "venv", MINISTACK, BOTO3, *map(str, functions))
    settings = Settings(
        port=port,
        personalize_port=port,
        region=LOCAL.region,
        account=LOCAL.account,
        time_scale=time_scale,
        state_dir=folder / "state",
    )
    behind = f"http://localhost:{port + 1}"
    for made in ("tmp", "state/logs"):
        (folder / made).mkdir(parents=True)
    variables = {
        **os.environ,
        # Functions are started as `python3`.
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PERSONALIZE": behind,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": LOCAL.account,
        "MINISTACK_REGION": LOCAL.region,
        "SFN_WAIT_SCALE": str(1 / time_scale),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": "",
    }
    serve = [
        sys.executable, "-m", "personalize_server", "serve", "--port", str(port + 1),
        "--data", str(folder / "personalize"), "--s3-endpoint", settings.endpoint_url,
        "--timing", "instant", "--no-auth",
    ]  # fmt: skip
    started: list[psutil.Process] = []
    try:
        for command, log, ready, environ in (
            (serve, "personalize.log", "listening on", {**os.environ, **settings.environment()}),
            ([str(commands / "python"), str(SHIM)], "ministack.log", _BANNER, variables),
        ):
            processes.start(
                command, log=folder / log, ready=ready, environment=environ, launched=started.append
            )
        eventually(lambda: _answers(settings))
        yield settings
    finally:
        for process in started:
            processes.end(process)


def _answers(settings: Settings) -> bool:
    try:
        return bool(client(settings, "sts").get_caller_identity())
    except BotoCoreError:
        return False


def deploy(settings: Settings, assembly: Path, secret: str) -> None:
    """The synthesised stacks, with the text of the secret that the stage's configuration names.

    Raises: CommandFailed, with the words of the CDK CLI.
    """
    assert LOCAL.database is not None
    client(settings, "secretsmanager").create_secret(Name=LOCAL.database.secret_name, SecretString=secret)
    deployment = Deployment(settings, LOCAL, Commands())
    shutil.copytree(assembly, deployment.assembly)
    deployment.bootstrap()
    deployment.deploy()
