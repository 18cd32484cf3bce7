"""The real CDK CLI, led to a server of the local cloud."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.local_cloud.support.local_aws import ROOT, LocalAws


@dataclass(frozen=True)
class Cli:
    aws: LocalAws
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {
            **os.environ,
            **self.aws.settings.environment(),
            "PATH": os.pathsep.join(folders),
            "CDK_DISABLE_VERSION_CHECK": "true",
            "CDK_HOME": str(self.folder / "home"),
        }
        options = ["--no-color", "--no-notices", "--ci"]
        command = [str(ROOT / "node_modules/.bin/cdk"), *arguments, *options]
        return subprocess.run(
            command, cwd=self.folder, env=environment, text=True, timeout=240, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip

    def succeed(self, *arguments: str) -> str:
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stdout
        return ended.stdout
