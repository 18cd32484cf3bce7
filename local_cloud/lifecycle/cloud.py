"""The local cloud as a whole: its servers, its database, and what is deployed onto it."""

import shlex
import shutil
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from config.stages import LOCAL, LOCAL_STANDBY
from config.types.stage_config import StageConfig
from local_cloud.ground.settings import DEFAULT_PORT, Rights, Settings
from local_cloud.lifecycle import beforehand
from local_cloud.lifecycle.assemblies import KeptAssemblies, kept_in
from local_cloud.lifecycle.cdk import LOCAL_APP, STANDBY, Deployment
from local_cloud.lifecycle.regions import RegionsOf, RegionsRefused
from local_cloud.lifecycle.servers import MOTO, PERSONALIZE, POSTGRES, Starting
from local_cloud.machine import ports, processes
from local_cloud.machine.commands import Commands
from local_cloud.machine.postgres import Database, Postgres
from local_cloud.machine.postgres import stop as stop_postgres
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import Record, Server, StateFolder, Unreadable

# A wait of a minute passes in a tenth of a second.
TIME_SCALE = 600.0
DEFAULT_RIGHTS = Rights.ENFORCE
_FOLDERS = {"personalize", "postgres", "logs", "cdk.out", "cdk-home", "outbox", "migration", "page"}
_FILES = {"cloud.json", "cloud.new", "outputs.json", "clock", "clock.new", "rights.jsonl", "page.json"}


@dataclass(frozen=True)
class Cloud:
    """A folder for its state and a port; the next three are Personalize's, PostgreSQL's and the gateway's.

    `standby`: whether the stage's standby region is there too.
    """

    state: StateFolder
    port: int = DEFAULT_PORT
    time_scale: float = TIME_SCALE
    rights: Rights = DEFAULT_RIGHTS
    standby: bool = False
    schedules_fire: bool = False

    @property
    def stage(self) -> StageConfig:
        return replace(LOCAL, standby_regions=(LOCAL_STANDBY,) if self.standby else ())

    def settings_in(self, region: str) -> Settings:
        return replace(self.settings, region=region)

    @property
    def settings(self) -> Settings:
        return Settings(
            port=self.port,
            personalize_port=self.port + 1,
            gateway_port=self.port + 3,
            region=LOCAL.region,
            account=LOCAL.account,
            time_scale=self.time_scale,
            rights=self.rights,
            schedules_fire=self.schedules_fire,
            state_dir=self.state.path,
            standby_regions=self.stage.active_regions[1:],
        )

    @property
    def postgres_port(self) -> int:
        return self.port + 2

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.state.path / "postgres")

    def database(self) -> Database:
        """Of a cloud that is up."""
        return self.postgres.database(self.postgres_port)


class AlreadyUp(RuntimeError):
    """The folder has a cloud, on another port."""


def find(
    folder: Path,
    port: int | None,
    time_scale: float = TIME_SCALE,
    rights: Rights = DEFAULT_RIGHTS,
    standby: bool = False,
) -> Cloud:
    """The cloud of a folder, on the port that it was started with unless another one is asked for, and with
    the regions that it has, unless one is to be added.
    """
    state = StateFolder(folder)
    with suppress(Unreadable):
        if record := state.read():
            port = record.port if port is None else port
            standby = standby or record.standby
    return Cloud(state, DEFAULT_PORT if port is None else port, time_scale, rights, standby)


def start(cloud: Cloud, progress: Progress) -> None:
    """The servers, with nothing deployed; what runs already stays. The caller holds the folder's lock."""
    with ThreadPoolExecutor(max_workers=3) as threads:
        if _usable(cloud, progress) is None:
            _start_servers(cloud, progress, threads)
    _prepare_regions(cloud)


def up(cloud: Cloud, progress: Progress) -> None:
    """Everything running and deployed; what runs already stays. The caller holds the folder's lock."""
    record = _usable(cloud, progress)
    commands = Commands()
    deployment = Deployment(
        cloud.settings, cloud.stage, commands, app_of(cloud), kept=KeptAssemblies(kept_in())
    )
    # Closing the commands comes first: leaving the executor waits for what they run.
    with ThreadPoolExecutor(max_workers=4) as threads, closing(commands):
        synthesised = threads.submit(_timed(progress, "synthesised", deployment.synthesise))
        if record is None:
            _start_servers(cloud, progress, threads)
        _prepare_regions(cloud)
        if not deployment.is_bootstrapped():
            _timed(progress, "bootstrapped", deployment.bootstrap)()
        synthesised.result()
        _timed(progress, f"deployed {' '.join(deployment.patterns)}", deployment.deploy)()


def app_of(cloud: Cloud) -> str:
    """The command that synthesises what the cloud has."""
    return f"{LOCAL_APP} {STANDBY}" if cloud.standby else LOCAL_APP


@contextmanager
def all_or_nothing(cloud: Cloud) -> Iterator[None]:
    """If the block fails or is interrupted, the servers that it started end; logs stay, and a database that
    was there before.
    """
    before, database = _alive(cloud), cloud.postgres.exists
    try:
        yield
    except BaseException:
        if _alive(cloud) - before:
            down(cloud, keep_logs=True, keep_database=database)
        raise


def _alive(cloud: Cloud) -> set[Server]:
    record = cloud.state.read()
    return set(record.alive()) if record else set()


def _usable(cloud: Cloud, progress: Progress) -> Record | None:
    """What runs whole, or None. Personalize and PostgreSQL start again on what they have; what AWS had is
    lost with its process, and Personalize's data, which belongs to it, goes too. The database never does.
    """
    record = cloud.state.read()
    if record is None:
        for name, stray in strays(cloud):
            progress.say(f"the {name} server (process {stray.pid}) is left of a cloud whose record is lost")
            _end(name, stray)
        if cloud.postgres.exists:
            progress.say("the database of an earlier cloud is used again (--fresh deletes it)")
        return None
    if record.complete:
        if record.port != cloud.port:
            raise AlreadyUp(
                f"this folder's cloud is up on port {record.port}: use that, or take it down first"
            )
        _require_regions(cloud)
        return record
    for server in record.gone():
        progress.say(f"the {server.name} server (process {server.handle.pid}) is gone")
    lost = {server.name for server in record.gone()}
    if record.ready and MOTO not in lost and record.port == cloud.port:
        progress.say(f"{' and '.join(sorted(lost))} start again with all data")
        _restart(cloud, lost, progress)
        return _usable(cloud, progress)
    progress.say("what AWS and Personalize had is gone with it and is deployed anew; the database stays")
    down(Cloud(cloud.state, record.port), keep_database=True)
    return None


def _restart(cloud: Cloud, names: Collection[str], progress: Progress) -> None:
    """Of Personalize and PostgreSQL."""
    cloud.state.forget(names)
    starting = Starting(cloud.settings, cloud.state, cloud.postgres, cloud.postgres_port, progress)
    for name, start in ((PERSONALIZE, starting.personalize), (POSTGRES, starting.database)):
        if name in names:
            start()


def _require_regions(cloud: Cloud) -> None:
    """Raises: RegionsRefused, if one of them is lost: nothing can be deployed there, or looked at."""
    down = RegionsOf(cloud.settings).told()["down"]
    if lost := [region for region in cloud.stage.regions if region in down]:
        command = f"python -m local_cloud region --folder {shlex.quote(str(cloud.state.path))} up"
        back = " && ".join(f"{command} {region}" for region in lost)
        who = f"{' and '.join(lost)} {'is' if len(lost) == 1 else 'are'}"
        raise RegionsRefused(
            f"{who} down: nothing was deployed or changed. Bring it up ({back}) and give this command again"
        )


def _timed(progress: Progress, text: str, work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        with progress.step(text):
            work()

    return run


def _start_servers(cloud: Cloud, progress: Progress, threads: ThreadPoolExecutor) -> None:
    settings = cloud.settings
    ports.require_free(
        {
            "the AWS endpoint": settings.port,
            "Personalize": settings.personalize_port,
            "PostgreSQL": cloud.postgres_port,
            "the API gateway": settings.gateway_port,
        }
    )
    cloud.state.write(Record(port=cloud.port, standby=cloud.standby))
    starting = Starting(settings, cloud.state, cloud.postgres, cloud.postgres_port, progress)
    waiting = [
        threads.submit(starting.moto),
        threads.submit(starting.personalize),
        threads.submit(starting.database),
    ]
    for started in waiting:
        started.result()
    cloud.state.ready()


def _prepare_regions(cloud: Cloud) -> None:
    if cloud.standby:
        cloud.state.has_standby()
    secret = cloud.database().secret()
    for stage in (LOCAL, *map(LOCAL.in_standby, cloud.stage.standby_regions)):
        beforehand.provide(cloud.settings, stage, secret)


def _stop(server: Server) -> None:
    process = server.handle.process()
    if process is not None:
        _end(server.name, process)


def _end(name: str, process: psutil.Process) -> None:
    (stop_postgres if name == POSTGRES else processes.end)(process)


def strays(cloud: Cloud) -> list[tuple[str, psutil.Process]]:
    """The folder's servers, by their command lines: for when its record is lost."""
    return processes.by_option(
        {
            ("--state-dir", str(cloud.state.path)): MOTO,
            ("--data", str(cloud.state.path / "personalize")): PERSONALIZE,
            ("-D", str(cloud.postgres.data)): POSTGRES,
        }
    )


def down(cloud: Cloud, *, keep_logs: bool = False, keep_database: bool = False) -> bool:
    """Stop everything and delete its state; whether there was something.

    A folder that no local cloud made is left alone. Raises: Unreadable, for one without a mark.
    """
    if cloud.state.path.exists() and not cloud.state.ours:
        return False
    record = None
    with suppress(Unreadable):
        record = cloud.state.read()
    left = strays(cloud) if record is None else []
    with ThreadPoolExecutor(max_workers=3) as threads:
        list(threads.map(_stop, record.servers if record else ()))
        list(threads.map(lambda stray: _end(*stray), left))
    if not keep_database:
        cloud.postgres.remove()
    kept = {name for name, keep in (("logs", keep_logs), ("postgres", keep_database)) if keep}
    for name in _FOLDERS - kept:
        shutil.rmtree(cloud.state.path / name, ignore_errors=True)
    for leftover in cloud.state.path.glob("functions-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for name in _FILES:
        (cloud.state.path / name).unlink(missing_ok=True)
    return record is not None or bool(left)
