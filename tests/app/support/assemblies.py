"""The stacks of the tests' business, synthesised once for the sources that there are."""

import fcntl
from collections.abc import Sequence
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
    kept_in().mkdir(parents=True, exist_ok=True)
    with (kept_in() / "tests.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not kept.take(key, folder):
            synthesise(folder)
            kept.keep(key, folder)
