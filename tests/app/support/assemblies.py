"""The stacks of the tests' business, synthesised once for the sources that there are."""

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
    """Of all its stages but the local one. Other processes of the same sources take what one has made."""
    kept, key = KeptAssemblies(kept_in() / "tests"), checksum("tests", ROOT)
    with TemporaryDirectory() as folder:
        assembly = Path(folder) / "assembly"
        if not kept.take(key, assembly):
            synthesise(assembly)
            kept.keep(key, assembly)
        return tuple(stack for stack in assembly_of(assembly).values() if not stack.name.startswith("Local-"))
