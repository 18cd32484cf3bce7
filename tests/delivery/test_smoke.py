"""A smoke test of a region, whoever answers, and the note of a merge request."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.credentials import Credentials
from botocore.stub import Stubber

from config.schema import use_cases_in
from config.stages import STAGES
from config.use_cases import USE_CASES
from delivery.asking import Api
from delivery.command import main
from delivery.ground.errors import NotDelivered
from delivery.note import MARK, MergeRequest
from delivery.smoke import ANSWERS, HEALTHY, NOBODY, Smoke, expected_of

REGION = "eu-west-1"
HERE = use_cases_in("prod", REGION, USE_CASES)
PATHS: dict[str, object] = {
    f"/v1/users/{{userId}}/{case.endpoint.path}": {} for case in HERE if case.endpoint
}
NOTHING = (503, {"code": "nothing_published"})


class Handler(BaseHTTPRequestHandler):
    server: "Answers"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        signed = "Authorization" in self.headers
        status, body = self.server.says.get(path, (200 if signed else 403, {"items": []} if signed else {}))
        self._answer(status, body)

    def do_POST(self) -> None:
        self._write(len(self.server.notes))

    def do_PUT(self) -> None:
        self._write(int(self.path.rpartition("/")[2]))

    def _write(self, number: int) -> None:
        assert self.headers["PRIVATE-TOKEN"] == "token"
        self.server.notes[number] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        self._answer(200, {})

    def _answer(self, status: int, body: Any) -> None:
        if "/notes" in self.path and self.command == "GET":
            page = int(self.path.partition("&page=")[2].partition("&")[0])
            kept = [{"id": number, "body": text} for number, text in self.server.notes.items()]
            status, body = 200, kept[100 * (page - 1) : 100 * page]
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


class Answers(ThreadingHTTPServer):
    """says: status and body by path; everything else is a list, for whoever signs. notes: by their ids."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notes: dict[int, str] = {}
        self.says: dict[str, tuple[int, Any]] = {
            "/v1/health": (200, {"status": "healthy", "region": REGION}),
            "/v1/openapi.json": (200, {"paths": PATHS}),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def region() -> Iterator[Answers]:
    with Answers() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def failures(region: Answers, expected: str = HEALTHY, *, signed: bool = False) -> list[str]:
    credentials = Credentials("a", "b") if signed else None
    return Smoke(Api(REGION, region.url, credentials), HERE, expected, pauses=()).failures()


@pytest.mark.parametrize("signed", [False, True])
def test_a_region_that_serves_has_nothing_to_complain_of(region: Answers, signed: bool) -> None:
    assert failures(region, signed=signed) == []


@pytest.mark.parametrize(
    ("path", "says", "complaint"),
    [
        ("/v1/health", (503, {"code": "table_unavailable"}), "GET /v1/health: 503, table_unavailable"),
        ("/v1/health", NOTHING, "GET /v1/health: 503, nothing_published; it should be 200"),
        ("/v1/health", (200, {"region": "eu-central-1"}), "answered by eu-central-1; it should be eu-west-1"),
        ("/v1/openapi.json", (404, {}), "GET /v1/openapi.json: 404"),
        ("/v1/openapi.json", (200, {"paths": {}}), "no route has posts, the path of posts"),
        (f"/v1/users/{NOBODY}/posts", (200, {"items": []}), "without credentials: 200; it should be refused"),
    ],
)
def test_what_is_not_as_it_should_be_is_said(
    region: Answers, path: str, says: tuple[int, Any], complaint: str
) -> None:
    first = next(case.endpoint.path for case in HERE if case.endpoint)
    region.says[path.replace("/posts", f"/{first}")] = says

    assert any(complaint in one for one in failures(region)), failures(region)


def test_programs_get_the_failures_as_json_with_the_same_exit_code(
    region: Answers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = boto3.client("cloudformation", REGION, aws_access_key_id="a", aws_secret_access_key="b")
    monkeypatch.setattr("delivery.command.lookup_clients", lambda _: lambda *_: client)
    monkeypatch.setattr("delivery.command.Smoke", partial(Smoke, pauses=()))
    [stage] = [one for one in STAGES if one.name == "prod"]
    outputs = [{"OutputKey": "ApiUrl", "OutputValue": region.url}]
    serving = {
        "StackName": f"{stage.id_in(REGION)}-Serving", "StackStatus": "CREATE_COMPLETE", "CreationTime": 0,
        "Outputs": outputs,
    }  # fmt: skip

    def asked() -> tuple[int, object]:
        with Stubber(client) as stub:
            stub.add_response("describe_stacks", {"Stacks": [serving]})
            code = main(["smoke", "--stage", "prod", "--region", REGION, "--json"])
        return code, json.loads(capsys.readouterr().out)

    place = {"stage": "prod", "region": REGION}
    assert asked() == (0, {**place, "failures": []})
    region.says["/v1/health"] = NOTHING
    told = "GET /v1/health: 503, nothing_published; it should be 200"
    assert asked() == (1, {**place, "failures": [told]})


def test_lists_are_asked_for_by_whoever_may(region: Answers) -> None:
    region.says[f"/v1/users/{NOBODY}/posts"] = (500, {"code": "internal_error"})

    found = failures(region, signed=True)

    assert f"GET /v1/users/{NOBODY}/posts?limit=1: 500, internal_error; it should be a list" in found
    assert all("/posts" in one for one in found)


def test_a_region_that_has_published_nothing_may_still_have_nothing_but_no_other_fault(
    region: Answers,
) -> None:
    api = Api(REGION, region.url)
    assert expected_of(api) == HEALTHY
    region.says["/v1/health"] = NOTHING
    assert expected_of(api) == ANSWERS
    assert failures(region, ANSWERS) == []
    region.says["/v1/health"] = (503, {"code": "table_unavailable"})
    assert failures(region, ANSWERS) != []


def test_what_is_cold_is_given_some_tries_and_whoever_does_not_answer_none_too_many(region: Answers) -> None:
    good = region.says.pop("/v1/health")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        region.says["/v1/health"] = good

    assert Smoke(Api(REGION, region.url), HERE, pauses=(1, 2), sleep=sleep).failures() == []
    assert slept == [1]
    gone = Smoke(Api(REGION, "http://127.0.0.1:1"), HERE, pauses=(1, 2), sleep=slept.append).failures()
    assert slept == [1, 1, 2] and "NewConnectionError" in gone[0]


def test_a_note_is_written_once_and_then_changed(region: Answers) -> None:
    region.notes.update({number: "somebody's" for number in range(120)})
    request = MergeRequest.of(
        {
            "CI_API_V4_URL": region.url,
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_IID": "2",
            "REVIEW_TOKEN": "token",
        }
    )

    assert [request.write("first"), request.write("second")] == ["written", "changed"]
    assert {text for text in region.notes.values() if MARK in text} == {f"{MARK}\nsecond"}
    assert len(region.notes) == 121
    with pytest.raises(NotDelivered, match="without CI_MERGE_REQUEST_IID, REVIEW_TOKEN"):
        MergeRequest.of({"CI_API_V4_URL": "x", "CI_PROJECT_ID": "1"})
