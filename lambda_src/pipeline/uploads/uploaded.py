"""A dataset that somebody has put into the data bucket as a CSV file."""

from __future__ import annotations

import asyncio
import codecs
from dataclasses import dataclass
from typing import Any

from pipeline.errors import FileMissing, ObjectMissing, StorageFailed
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Sink
from pipeline.storage import storage_errors
from pipeline.uploads.files import Files

_BLOCK_BYTES = 512 << 10


@dataclass(frozen=True)
class UploadedFile:
    """Its header names the columns of the dataset, in their order. Of what was put into this region's bucket
    and of what was put into another one's, and copied, the newer one counts.
    """

    bucket: Files
    key: str

    @property
    def described(self) -> dict[str, str]:
        return {"file": self.key}

    async def stream(self, schema: DatasetSchema, sink: Sink, *, seconds: float) -> None:
        """A last row without a line break gets one: what follows it must not become a part of it. The mark
        that spreadsheets put before UTF-8 is left out.

        Raises: FileMissing, with the place and the header, if it is not there; StorageFailed, also if the
        time is up; whatever the sink raises.
        """
        url = self.bucket.url(self.key)
        timeout = asyncio.timeout(seconds)
        try:
            async with timeout:
                await self._stream(schema, sink, url)
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise StorageFailed(f"reading {url}: not done after {seconds:.0f} s") from error

    async def _stream(self, schema: DatasetSchema, sink: Sink, url: str) -> None:
        try:
            body = await asyncio.to_thread(self.bucket.open_newest, self.key)
        except ObjectMissing as error:
            raise FileMissing(
                f"there is no {url}: put the {schema.dataset} there, as CSV with the header "
                f"{','.join(schema.names)}"
            ) from error
        last, mark = b"\n", codecs.BOM_UTF8
        with body:
            while block := await asyncio.to_thread(self._read, body, url):
                block, mark = block.removeprefix(mark), b""
                last = block[-1:]
                await sink(bytearray(block))
        if last != b"\n":
            await sink(bytearray(b"\n"))

    @staticmethod
    def _read(body: Any, url: str) -> bytes:
        with storage_errors(f"reading {url}"):
            block: bytes = body.read(_BLOCK_BYTES)
            return block
