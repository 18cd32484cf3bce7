"""Very many small objects are read over connections of their own, and in the ordinary way if those fail."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pipeline.errors import ObjectMissing, StorageFailed
from pipeline.storage import Bucket
from pipeline.tracking import objects
from pipeline.tracking.objects import contents

PLACES = [f"events/use_case=posts/date=2026-11-21/{number} é.jsonl.gz" for number in range(200)]


def test_contents_come_in_the_order_in_which_they_are_asked_for(bucket: Bucket) -> None:
    for number, place in enumerate(PLACES):
        bucket.write(place, f"{number}".encode(), "text/plain")

    assert list(contents(bucket, PLACES)) == [f"{number}".encode() for number in range(len(PLACES))]
    assert list(contents(bucket, [])) == []
    with pytest.raises(ObjectMissing, match="reading s3://data-bucket/nowhere"):
        list(contents(bucket, [*PLACES[:3], "nowhere"]))


class Storage:
    """An S3 of one bucket. wrong: how the first answers to the short way fail."""

    def __init__(self, wrong: str | None, times: int) -> None:
        self.wrong, self._left = wrong, times
        self.short = Counter[bool]()
        self.headers: list[dict[str, str]] = []
        self._lock = threading.Lock()

    def fails(self, headers: Any) -> bool:
        ordinary = "Boto3" in headers.get("User-Agent", "")
        with self._lock:
            failing = not ordinary and self.wrong is not None and self._left > 0
            if not ordinary:
                self.headers.append(dict(headers))
                self.short[failing] += 1
                self._left -= failing
        return failing


@contextmanager
def serving(storage: Storage) -> Iterator[Bucket]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.path.encode()
            if not storage.fails(self.headers):
                self._answer(200, body, len(body))
            elif storage.wrong == "refuses":
                self._answer(403, b"no", 2)
            elif storage.wrong == "breaks off":
                self._answer(200, body[:5], len(body))
                self.close_connection = True
            else:
                self.close_connection = True

        def _answer(self, status: int, body: bytes, length: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made = boto3.client(
        "s3",
        region_name="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )
    try:
        yield Bucket(made, "data")
    finally:
        made.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("wrong", ["refuses", "breaks off", "hangs up"])
@pytest.mark.parametrize("times", [3, 10_000])
def test_whatever_the_short_way_meets_everything_is_read(wrong: str, times: int) -> None:
    storage = Storage(wrong, times)
    with serving(storage) as bucket:
        found = list(contents(bucket, [f"k{number}" for number in range(300)]))

    assert found == [f"/data/k{number}".encode() for number in range(300)]
    if times == 3:
        assert storage.short == {True: 3, False: 297}
    else:
        assert storage.short[True] < 8 + 32 and not storage.short[False], "it gives up"


@pytest.mark.usefixtures("credentials")
def test_after_eight_failures_the_short_way_is_not_tried_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "CONNECTIONS", 1)
    storage = Storage("refuses", 10_000)
    with serving(storage) as bucket:
        assert len(list(contents(bucket, [f"k{number}" for number in range(12)]))) == 12

    assert storage.short == {True: 8}


@pytest.mark.usefixtures("credentials")
def test_requests_of_the_short_way_are_signed_for_the_bucket_with_the_session() -> None:
    storage = Storage(None, 0)
    with serving(storage) as bucket:
        list(contents(bucket, ["a b/c=d"]))

    [headers] = storage.headers
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
    assert "/eu-west-1/s3/aws4_request" in headers["Authorization"]
    assert (headers["X-Amz-Security-Token"], len(headers["X-Amz-Content-SHA256"])) == ("token", 64)


@pytest.mark.usefixtures("credentials")
def test_an_object_that_nobody_can_read_is_told() -> None:
    with serving(Storage(None, 0)) as bucket:
        gone = bucket
    with pytest.raises(StorageFailed, match="reading s3://data/k"):
        list(contents(gone, ["k"]))
