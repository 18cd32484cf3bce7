"""The stacks of the tests' business, synthesised once for the sources that there are."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from local_cloud.lifecycle.assemblies import KeptAssemblies, checksum, kept_in
from review.reading.assemblies import Stack, assembly_of
from tests.app.support.snapshots import synthesise

ROOT = Path(__file__).parents[3]


@cache
def stacks() -> Sequence[Stack]:
    """Of all its stages but the local one."""
    with TemporaryDirectory() as folder:
        assembly = Path(folder) / "assembly"
        synthesised(assembly)
        return tuple(stack for stack in assembly_of(assembly).values() if not stack.name.startswith("Local-"))


def synthesised(folder: Path) -> None:
    """Puts there what a synth of all stages leaves. Processes of the same sources take what one has made, and
    wait for the one that is at it.
    """
    kept, key = KeptAssemblies(kept_in() / "tests"), checksum("tests", ROOT)
    with _turn():
        if not kept.take(key, folder):
            synthesise(folder)
            kept.keep(key, folder)


@contextmanager
def _turn() -> Iterator[None]:
    """One process after the other; where nothing can be kept, nobody waits."""
    with ExitStack() as stack:
        with suppress(OSError):
            kept_in().mkdir(parents=True, exist_ok=True)
            file = stack.enter_context((kept_in() / "tests.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
