"""The CDK CLI, which deploys a run's stage as it deploys any other."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verification.ground.plan import FOLDER, Plan

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / "node_modules" / ".bin" / "cdk"


class DeploymentFailed(RuntimeError):
    """The message has the last words of the CLI, and where the rest is."""


@dataclass(frozen=True)
class Cdk:
    """environment: what the CLI is given besides this process's own."""

    plan: Plan
    environment: Mapping[str, str]

    def deploy(self) -> None:
        """Without asking: it was asked before. Raises: DeploymentFailed."""
        app = f"{shlex.quote(sys.executable)} -m verification.ground.cdk_app {self.plan.run}"
        folder = (FOLDER / self.plan.run).absolute()
        options = ["--app", app, "--output", str(folder / "cdk.out"), "--method", "direct"]
        self._run(
            "deploy", self.plan.pattern, *options, "--require-approval", "never", "--progress", "events"
        )

    def version(self) -> str:
        answer = subprocess.run([CLI, "--version"], capture_output=True, text=True, check=False)
        return answer.stdout.split()[0] if answer.stdout else "unknown"

    def _run(self, *arguments: str) -> None:
        log = FOLDER / self.plan.run / "cdk.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command: Sequence[str | Path] = [CLI, *arguments, "--ci", "--no-color", "--no-notices"]
        path = os.pathsep.join([str(Path(sys.executable).parent), str(CLI.parent), os.environ["PATH"]])
        environment = {**os.environ, **self.environment, "PATH": path, "CDK_VALIDATION": "false"}
        # The app is found from whichever folder the run's state lies in.
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "lambda_src")])
        if self.plan.endpoint:
            # The CLI caches accounts by access key: those of a local cloud must not reach the user's cache.
            environment["CDK_HOME"] = str(log.parent.absolute() / "cdk-home")
        with log.open("wb") as output:
            ended = subprocess.run(
                command, cwd=Path.cwd(), env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        if ended.returncode:
            words = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise DeploymentFailed(f"cdk {arguments[0]} failed, all of it is in {log}:\n{words}")
