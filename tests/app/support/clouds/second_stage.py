"""A stage beside the community's on its local cloud: deployed by the CDK CLI, started by its schedules."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.derived.names import name_in
from config.schema import StageConfig
from local_cloud.demo.executions import scheduled_starts
from tests.app.support.clouds.community_cloud import ROOT, CommunityCloud


@dataclass(frozen=True)
class SecondStage:
    community: CommunityCloud
    stage: StageConfig

    @property
    def place(self) -> str:
        return self.stage.id_in(self.stage.region)

    def deploy(self, assembly: Path, only: str | None = None) -> None:
        """only: a stack, by the last part of its name, without those that it needs."""
        options = ["--method", "direct", "--require-approval", "never", "--concurrency", "4"]
        self._cdk("deploy", assembly, only or "*", *options, *(["--exclusively"] if only else []))

    def destroy(self, assembly: Path) -> None:
        self._cdk("destroy", assembly, "*", "--force")

    def _cdk(self, command: str, assembly: Path, stacks: str, *options: str) -> None:
        cloud = self.community.cloud
        environment = {
            **os.environ,
            **cloud.settings.environment(),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CDK_HOME": str(cloud.state.path / "cdk-home"),
        }
        common = ["--app", str(assembly), "--ci", "--no-color", "--no-notices", *options]
        done = subprocess.run(
            [ROOT / "node_modules" / ".bin" / "cdk", command, f"{self.place}/{stacks}", *common],
            cwd=cloud.state.path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, use_cases: Iterable[str], **given: Any) -> dict[str, dict[str, Any]]:
        """Of each use case, as its schedule starts it; all at the same time, and all end well."""
        starts = {start.name: start for start in scheduled_starts(self.community.client("scheduler"))}
        machines = self.community.client("stepfunctions")
        begun = {}
        for name in use_cases:
            start = starts[name_in(self.stage.name, name)]
            payload = json.dumps({**json.loads(start.input), **given})
            answer = machines.start_execution(stateMachineArn=start.machine, input=payload)
            begun[name] = answer["executionArn"]
        ended = {name: self.community.end_of(arn, seconds=300) for name, arn in begun.items()}
        failed = {
            name: (run["status"], run.get("error"), run.get("cause"))
            for name, run in ended.items()
            if run["status"] != "SUCCEEDED"
        }
        assert not failed, failed
        return {name: json.loads(run["output"]) for name, run in ended.items()}

    def output(self, stack: str, name: str) -> str:
        """Of a stack, by the last part of its name."""
        pages = self.community.client("cloudformation").describe_stacks(StackName=f"{self.place}-{stack}")
        outputs = {one["OutputKey"]: one["OutputValue"] for one in pages["Stacks"][0]["Outputs"]}
        return str(outputs[name])


def by_variant(output: dict[str, Any], alone: str) -> dict[str, dict[str, Any]]:
    """What an execution said of each variant; alone: the name of the only one, where there is one."""
    return {one["variant"]: one for one in output.get("variants", [{**output, "variant": alone}])}
