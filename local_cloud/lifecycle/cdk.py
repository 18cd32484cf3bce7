"""The CDK CLI against the local cloud: synthesise once, bootstrap once, deploy what changed."""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.types.stage_config import StageConfig
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.assemblies import KeptAssemblies, checksum
from local_cloud.machine.commands import Commands

ROOT = Path(__file__).resolve().parents[2]
LOCAL_APP = f"{shlex.quote(sys.executable)} -m local_cloud.lifecycle.local_app"
USUAL_FOLDER = ROOT / ".local"
STANDBY = "standby"
"""Argument of that app."""
_TOOLKIT, _COPIES = "CDKToolkit", "Copies"


def folder_option(state_dir: Path) -> str:
    """What a command needs for a cloud of this folder, with a space in front; nothing for the usual one."""
    usual = state_dir.resolve() == USUAL_FOLDER.resolve()
    return "" if usual else f" --folder {shlex.quote(str(state_dir))}"


class NotInstalled(RuntimeError):
    """The CDK CLI is missing."""


@dataclass(frozen=True)
class Deployment:
    """Of an app, the stacks of one stage; state_dir of the settings must be absolute.

    `app` is the command that synthesises, run in `folder`. made: an assembly that is there, in its place.
    kept: those that were synthesised before; None: each time anew.
    """

    settings: Settings
    stage: StageConfig
    commands: Commands
    app: str = LOCAL_APP
    folder: Path = ROOT
    made: Path | None = None
    kept: KeptAssemblies | None = None

    @property
    def assembly(self) -> Path:
        return self.made or self.settings.state_dir / "cdk.out"

    @property
    def pattern(self) -> str:
        """Of the stage's primary region; those of the others are the same."""
        return f"{self._place}/*"

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(f"{self.stage.id_in(region)}/*" for region in self.regions)

    @property
    def regions(self) -> tuple[str, ...]:
        return (self.settings.region, *self.settings.standby_regions)

    @property
    def _place(self) -> str:
        return self.stage.id_in(self.settings.region)

    def synthesise(self) -> None:
        """Where assemblies are kept, one of the same sources is taken."""
        key = checksum(self.app, self.folder) if self.kept else ""
        if self.kept and self.kept.take(key, self.assembly):
            return
        self._cdk("synth", *self.patterns, "--app", self.app, "--quiet", "--output", str(self.assembly))
        if self.kept:
            self.kept.keep(key, self.assembly)

    def is_bootstrapped(self) -> bool:
        return not self._not_bootstrapped()

    def _not_bootstrapped(self) -> list[str]:
        return [region for region in self.regions if not self._has_toolkit(region)]

    def _has_toolkit(self, region: str) -> bool:
        stacks = client(self.settings, "cloudformation", region).describe_stacks()["Stacks"]
        return any(stack["StackName"] == _TOOLKIT for stack in stacks)

    def bootstrap(self) -> None:
        # From a folder without an app: with one, the CLI would synthesise it for nothing.
        environments = [f"aws://{self.settings.account}/{region}" for region in self._not_bootstrapped()]
        self._cdk("bootstrap", *environments, folder=self.settings.state_dir)

    def deploy(self, only: str | None = None) -> None:
        """only: a stack, by the last part of its name, without those that it needs.

        With several regions, first what gets copies in each of them: then nobody copies to what is not there.
        """
        if only is None and len(self.regions) > 1:
            self._deploy([f"{self.stage.id_in(region)}/{_COPIES}" for region in self.regions])
        self._deploy([f"{self._place}/{only}"] if only else self.patterns, exclusively=bool(only))

    def _deploy(self, which: Sequence[str], *, exclusively: bool = False) -> None:
        options = ["--method", "direct", "--require-approval", "never", "--progress", "events"]
        options += ["--outputs-file", str(self.settings.state_dir / "outputs.json")]
        options += ["--exclusively"] if exclusively else []
        self._cdk("deploy", *which, "--app", str(self.assembly), *options)

    def destroy(self, only: str) -> None:
        """A stack, by the last part of its name."""
        which = f"{self._place}/{only}"
        self._cdk("destroy", which, "--app", str(self.assembly), "--exclusively", "--force")

    def _cdk(self, command: str, *arguments: str, folder: Path | None = None) -> None:
        cli = ROOT / "node_modules" / ".bin" / "cdk"
        if not cli.exists():
            raise NotInstalled(f"the CDK CLI is not installed ({cli} is missing): run `make install`")
        log = self.settings.state_dir / "logs" / f"cdk-{command}.log"
        options = ["--ci", "--no-color", "--no-notices", "--no-version-reporting"]
        self.commands.run(
            [cli, command, *arguments, *options],
            log=log,
            environment=self._environment(),
            folder=folder or self.folder,
        )

    def _environment(self) -> dict[str, str]:
        folders = [str(Path(sys.executable).parent), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]]
        return {
            **self.settings.environment(),
            "PATH": os.pathsep.join(folders),
            # The CLI caches accounts by access key; those of this cloud must not reach the user's cache.
            "CDK_HOME": str(self.settings.state_dir / "cdk-home"),
            "CDK_DISABLE_VERSION_CHECK": "true",
            # The templates of all stages take it as long as building them; `make synth` has it.
            "CDK_VALIDATION": "false",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "true",
        }
