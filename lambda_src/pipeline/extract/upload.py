"""A multipart upload that is fed while it runs, and leaves nothing behind unless completed."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.storage import Bucket, storage_errors

PART_BYTES = 8 << 20
_IN_FLIGHT = 2


class MultipartUpload:
    """Used as a context: whoever leaves it without `complete` aborts the upload."""

    def __init__(self, bucket: Bucket, key: str, *, part_bytes: int = PART_BYTES) -> None:
        self._bucket, self._key, self._part_bytes = bucket, key, part_bytes
        self._chunks: list[bytes | bytearray] = []
        self._waiting = 0
        self._in_flight: deque[Future[dict[str, Any]]] = deque()
        self._parts: list[dict[str, Any]] = []
        self._started = 0
        self._completed = False

    def __enter__(self) -> MultipartUpload:
        with storage_errors(self._doing("starting")):
            answer = self._bucket.client.create_multipart_upload(**self._target, ContentType="text/csv")
        self._id = answer["UploadId"]
        self._threads = ThreadPoolExecutor(max_workers=_IN_FLIGHT, thread_name_prefix="upload")
        return self

    def write(self, *chunks: bytes | bytearray) -> None:
        """Blocks while two parts are on their way. Raises: StorageFailed, for any part that failed."""
        self._chunks.extend(chunks)
        self._waiting += sum(map(len, chunks))
        if self._waiting >= self._part_bytes:
            self._send()

    def complete(self) -> None:
        self._send()
        while self._in_flight:
            self._parts.append(self._in_flight.popleft().result())
        with storage_errors(self._doing("completing")):
            self._bucket.client.complete_multipart_upload(
                **self._target, UploadId=self._id, MultipartUpload={"Parts": self._parts}
            )
        self._completed = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        if not self._completed:
            with suppress(ClientError, BotoCoreError):
                self._bucket.client.abort_multipart_upload(**self._target, UploadId=self._id)

    @property
    def _target(self) -> dict[str, str]:
        return {"Bucket": self._bucket.name, "Key": self._key}

    def _doing(self, what: str) -> str:
        return f"{what} the upload of {self._bucket.url(self._key)}"

    def _send(self) -> None:
        if len(self._in_flight) >= _IN_FLIGHT:
            self._parts.append(self._in_flight.popleft().result())
        body = b"".join(self._chunks)
        self._chunks.clear()
        self._waiting = 0
        self._started += 1
        self._in_flight.append(self._threads.submit(self._upload_part, self._started, body))

    def _upload_part(self, number: int, body: bytes) -> dict[str, Any]:
        with storage_errors(self._doing(f"part {number} of")):
            answer = self._bucket.client.upload_part(
                **self._target, UploadId=self._id, PartNumber=number, Body=body
            )
        return {"PartNumber": number, "ETag": answer["ETag"]}
