"""Starts the servers of a cloud; each is written into its record as soon as it runs."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from local_cloud.ground.settings import PERSONALIZE_KEY, Rights, Settings
from local_cloud.machine import processes
from local_cloud.machine.postgres import Postgres
from local_cloud.machine.processes import Handle
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import Server, StateFolder

MOTO, PERSONALIZE, POSTGRES = "moto", "Personalize", "PostgreSQL"


@dataclass(frozen=True)
class Starting:
    """port: of the database."""

    settings: Settings
    state: StateFolder
    postgres: Postgres
    port: int
    progress: Progress

    def moto(self) -> None:
        settings = self.settings
        command = [
            sys.executable, "-m", "local_cloud.server", "--port", str(settings.port),
            "--personalize-port", str(settings.personalize_port),
            "--gateway-port", str(settings.gateway_port), "--time-scale", str(settings.time_scale),
            "--state-dir", str(settings.state_dir), "--rights", settings.rights.value,
            *(["--clock"] if settings.schedules_fire else []),
        ]  # fmt: skip
        self._start(MOTO, settings.port, command)

    def personalize(self) -> None:
        settings = self.settings
        command = [
            sys.executable, "-m", "personalize_server", "serve", "--port", str(settings.personalize_port),
            "--data", str(settings.state_dir / "personalize"), "--s3-endpoint", settings.endpoint_url,
            "--timing", "instant", "--no-auth",
        ]  # fmt: skip
        own = {}
        if settings.rights is not Rights.OFF:
            command.append("--assume-roles")
            own["AWS_ACCESS_KEY_ID"] = PERSONALIZE_KEY
        self._start(PERSONALIZE, settings.personalize_port, command, own)

    def database(self) -> None:
        with self.progress.step(f"{POSTGRES} listens on port {self.port}"):
            self.postgres.start(
                self.port,
                lambda process: self.state.add(Server(POSTGRES, self.port, Handle.of(process))),
            )

    def _start(
        self,
        name: str,
        port: int,
        command: list[str],
        own: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        log = self.state.path / "logs" / f"{name.lower()}.log"
        with self.progress.step(f"{name} server listens on port {port}"):
            processes.start(
                command,
                log=log,
                ready="listening on",
                environment={**self.settings.environment(), **own},
                launched=lambda process: self.state.add(Server(name, port, Handle.of(process))),
            )
