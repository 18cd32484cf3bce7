"""What happens to a server that Twins put through it, a function a kind; what is wrong is left in Found."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.personalize_server.support.faults import SECONDS, Found, Twins

_STATE = "state.sqlite3"
_HOUR = 3600.0
_REHEARSAL = ("--timing", "realistic", "--time-scale", "0.001", "--rate-limit", "0")
"""states take a second or two from what the clock said when they began"""
_FULL_ROOM = 3_000_000
"""bytes free on the disk that is then filled"""


def _cut(path: Path, at: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * at)])


def _flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    if content:
        content[int(len(content) * at)] ^= 1
    path.write_bytes(content)


_DAMAGES: tuple[Callable[[Path, float], None], ...] = (_cut, _flip, lambda path, _: path.unlink())


def state_lost(twins: Twins, found: Found) -> None:
    """State file, log or both are missing, cut or changed: nothing is deleted, nothing made up."""
    killed = twins.rng.random() < 0.5
    data = twins.copied("killed" if killed else "ended")
    saved = {path.name: path.read_bytes() for path in data.glob(f"{_STATE}*")}
    names = [name for name in saved if not name.endswith("-shm")]
    damaged = twins.rng.sample(names, twins.rng.randint(1, len(names)))
    for name in damaged:
        twins.rng.choice(_DAMAGES)(data / name, twins.rng.random())
    what = f"{'killed' if killed else 'ended'} server, damaged: {damaged}"
    before = _folders(data)
    with twins.serving(data) as victim:
        if victim.began:
            twins.compare(found, victim, what)
            victim.end()
        else:
            said = victim.end()
            found.refused += 1
            if victim.process.returncode != 1 or "cannot serve: " not in said or "Traceback" in said:
                found.wrong.append(f"{what}: {victim.process.returncode} {said}")
    if missing := before - _folders(data) - {path.name for path in data.glob("aside-*/*/*")}:
        found.wrong.append(f"{what}: {missing} are gone")
    if not victim.began:
        for path in data.glob(f"{_STATE}*"):
            path.unlink()
        for name, content in saved.items():
            (data / name).write_bytes(content)
        with twins.serving(data) as victim:
            twins.compare(found, victim, f"{what}, put back", whole=True)


def _folders(data: Path) -> set[str]:
    return {path.name for kind in ("datasets", "models") for path in (data / kind).iterdir()}


def clock_set_back(twins: Twins, found: Found) -> None:
    back = twins.rng.uniform(0.1, 24 * 30) * _HOUR
    data = twins.copied(twins.rng.choice(["killed", "ended"]))
    timing = twins.rng.choice([(), _REHEARSAL])
    with twins.serving(data, *timing, back=back) as victim:
        twins.compare(found, victim, f"clock set back by {back / _HOUR:.1f} h {timing}", whole=True)


def fork_server_killed(twins: Twins, found: Found) -> None:
    """While jobs begin, with one process that answers or two."""
    workers = twins.rng.choice(["1", "2"])
    with twins.serving(twins.copied("ended"), "--workers", workers) as victim:
        victim.ready()
        job = twins.imported(victim.url).content["datasetImportJobArn"]
        time.sleep(twins.rng.uniform(0, 0.5))
        for process in psutil.Process(victim.process.pid).children(recursive=True):
            if _is_fork_server(process):
                process.send_signal(signal.SIGKILL)
        what = f"fork server killed, {workers} workers"
        status = twins.settled_import(victim.url, job)
        if status not in ("ACTIVE", "CREATE FAILED"):
            found.wrong.append(f"{what}: the import is {status}")
        if victim.process.poll() is not None:
            found.wrong.append(f"{what}: the server has ended")
            return
        later = twins.settled_import(victim.url, twins.imported(victim.url).content["datasetImportJobArn"])
        if later != "ACTIVE":
            found.wrong.append(f"{what}: a later import is {later}")
        twins.compare(found, victim, what, imports=True)


def _is_fork_server(process: psutil.Process) -> bool:
    try:
        return "multiprocessing.forkserver" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def files_damaged(twins: Twins, found: Found) -> None:
    """Of data, models and images; then they are put back."""
    data = twins.copied("ended")
    files = sorted(path for kind in ("datasets", "models", "serving") for path in (data / kind).rglob("*"))
    chosen = twins.rng.sample([path for path in files if path.is_file()], twins.rng.randint(1, 3))
    saved = {path: path.read_bytes() for path in chosen}
    for path in chosen:
        twins.rng.choice(_DAMAGES)(path, twins.rng.random())
    what = f"damaged: {[str(path.relative_to(data)) for path in chosen]}"
    with twins.serving(data) as victim:
        victim.ready()
        twins.compare(found, victim, what)
        for path, content in saved.items():
            if path.parent.exists():
                path.write_bytes(content)
        until = time.monotonic() + SECONDS
        while victim.ready()[1]["status"] != "ok" and time.monotonic() < until:
            time.sleep(0.2)
        twins.compare(found, victim, f"{what}, put back", whole=True)


def first_requests_under_imports(twins: Twins, found: Found) -> None:
    data = twins.copied("ended")
    shutil.rmtree(data / "serving")
    with twins.serving(data) as victim:
        with twins.importing(victim.url):
            twins.compare(found, victim, "imports all the time", whole=True, imports=True)
        if "Traceback" in (said := victim.end()):
            found.wrong.append(f"imports all the time: {said}")


def disk_full(twins: Twins, found: Found) -> None:
    """While it serves, and then at its start; what was acknowledged is there once there is room again."""
    with _small_disk(twins) as place:
        data = twins.copied("ended", place)
        with twins.serving(data) as victim:
            twins.compare(found, victim, "before the disk is full", whole=True)
            acknowledged, items, filling = [], iter(range(10_000)), place / "filling"
            for room in (twins.rng.randrange(_FULL_ROOM), 0):
                _fill(filling, place, room)
                for number in range(400):
                    item = f"i{next(items) % 80}"
                    answer = twins.event(victim.url, "full", item, 1_760_000_000 + number)
                    if answer.status == 200:
                        acknowledged.append(item)
                    elif answer.status < 500 or not answer.content.get("__type"):
                        found.wrong.append(f"disk full: PutEvents says {answer}")
                    if answer.status != 200:
                        break
            twins.compare(found, victim, "disk full", imports=True)
            how = twins.rng.choice([signal.SIGTERM, signal.SIGKILL])
            victim.end(how)
        with twins.serving(data) as victim:
            if victim.began:
                twins.compare(found, victim, f"disk full at the start, after {how.name}")
                victim.end(signal.SIGKILL)
            else:
                said = victim.end()
                found.refused += 1
                if victim.process.returncode != 1 or "cannot serve: " not in said or "Traceback" in said:
                    found.wrong.append(f"disk full at the start: {victim.process.returncode} {said}")
        filling.unlink()
        with twins.serving(data) as victim:
            if not victim.began:
                found.wrong.append(f"room again, after {how.name}: {victim.end()}")
                return
            twins.compare(found, victim, "room again", whole=True)
            if lost := set(acknowledged) - twins.seen(victim.url, "full"):
                found.wrong.append(
                    f"room again, after {how.name}: {len(lost)} of {len(acknowledged)} events lost"
                )


@contextmanager
def _small_disk(twins: Twins) -> Iterator[Path]:
    size = sum(path.stat().st_size + 4096 for path in twins.copied("ended").rglob("*"))
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={2 * size + _FULL_ROOM}", "none", folder]
        subprocess.run(mount, check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(file: Path, place: Path, room: int) -> None:
    """Until there are so many bytes left."""
    with file.open("ab") as content:
        content.write(bytes(max(0, shutil.disk_usage(place).free - room)))


def can_mount() -> bool:
    """A disk of one's own takes rights that containers often do not give."""
    with tempfile.TemporaryDirectory() as folder:
        if (
            os.geteuid()
            or subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True).returncode
        ):
            return False
        subprocess.run(["umount", folder], check=True)
        return True


KINDS: Mapping[str, Callable[[Twins, Found], None]] = {
    "state lost": state_lost,
    "clock set back": clock_set_back,
    "fork server killed": fork_server_killed,
    "files damaged": files_damaged,
    "first requests under imports": first_requests_under_imports,
    "disk full": disk_full,
}
