"""A server of the team's own that speaks Personalize's API answers in real time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import CredentialRetrievalError

from api import clients
from api.secret_credentials import session_of
from pipeline.serving.settings import ApiSettings, Server
from tests.app.support.in_memory import client
from tests.app.support.serving_api import ENDPOINTS, POSTS, Api, Campaign, ids
from tests.personalize_server.support.processes import PersonalizeServer

IN_TIME = 30_000
"""Milliseconds: whatever the machine is busy with."""
REGION, ACCOUNT = "eu-north-1", "444455556666"
COLUMNS = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long", "EVENT_TYPE": "string"}
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [{"name": name, "type": kind} for name, kind in COLUMNS.items()],
    "version": "1.0",
}


class Secrets:
    """Secrets Manager with one secret, which may change; counts how often it is read."""

    def __init__(self, key: str = "team", secret: str = "s3cret") -> None:
        self.text = json.dumps({"accessKeyId": key, "secretAccessKey": secret})
        self.reads = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        self.reads += 1
        return {"SecretString": self.text}


@dataclass(frozen=True)
class OnPremise:
    process: PersonalizeServer
    campaign: str

    @property
    def server(self) -> Server:
        return Server(
            variant="own",
            url=self.process.url,
            campaign_arn=self.campaign,
            budget_ms=IN_TIME,
            secret="recs/server",
        )


@pytest.fixture(scope="module")
def on_premise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnPremise]:
    folder = tmp_path_factory.mktemp("on-premise")
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"team": {"secret": "s3cret", "account": ACCOUNT}}))
    options = (
        "--access-keys",
        str(keys),
        "--quota",
        "training_interactions=50",
        "--quota",
        "training_users=5",
    )
    process = PersonalizeServer(folder / "data", None, options, open_to_all=False).start()
    try:
        yield OnPremise(process, _campaign(process.url))
    finally:
        process.stop()


def _campaign(url: str) -> str:
    session = boto3.Session("team", "s3cret", region_name=REGION)
    personalize, events = (
        session.client(name, endpoint_url=url, config=Config(proxies={}))
        for name in ("personalize", "personalize-events")
    )
    group = personalize.create_dataset_group(name="mine")["datasetGroupArn"]
    schema = personalize.create_schema(name="mine", schema=json.dumps(SCHEMA))["schemaArn"]
    personalize.create_dataset(
        name="mine", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )
    tracking = personalize.create_event_tracker(name="mine", datasetGroupArn=group)["trackingId"]
    for user in range(10):
        items = [f"i{(user + n) % 12}" for n in range(8)]
        seen = [{"eventType": "view", "sentAt": 1_700_000_000, "itemId": item} for item in items]
        events.put_events(trackingId=tracking, sessionId=f"s{user}", userId=f"u{user}", eventList=seen)
    solution = personalize.create_solution(
        name="mine",
        datasetGroupArn=group,
        recipeArn="arn:aws:personalize:::recipe/aws-user-personalization-v2",
        performAutoTraining=False,
    )["solutionArn"]
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    while personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"][
        "status"
    ] not in (
        "ACTIVE",
        "CREATE FAILED",
    ):
        time.sleep(0.05)
    arn: str = personalize.create_campaign(name="mine", solutionVersionArn=version)["campaignArn"]
    return arn


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    made = Secrets()
    monkeypatch.setattr(clients, "secret_client", lambda: made)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    clients._server_client.cache_clear()
    return made


def asked(table: Any, server: Server, user: str = "u1") -> tuple[Any, Api]:
    """The answer to a person whose due variant has the server; there is a stored list as well."""
    ours = replace(POSTS, variant="personalize", servers=(replace(server, variant="personalize"),))
    api = Api(table, endpoints=tuple(ours if one == POSTS else one for one in ENDPOINTS))
    api.campaign = _Asks(server=server)
    return api.get(ours, user), api


@dataclass
class _Asks(Campaign):
    """As the function asks, by the clients that it makes."""

    server: Server = field(kw_only=True)

    def get_recommendations(self, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = clients.campaign_client(self.server).get_recommendations(**arguments)
        return answer


def test_the_server_answers_in_place_of_a_campaign_to_signed_requests(
    table: Any, on_premise: OnPremise, secrets: Secrets
) -> None:
    clients.campaign_client(on_premise.server)

    answer, _ = asked(table, on_premise.server)

    assert (answer["source"], answer["variant"]) == ("campaign", "personalize")
    assert set(ids(answer)) <= {f"i{n}" for n in range(12)} and len(ids(answer)) == POSTS.longest
    assert secrets.reads == 1


@pytest.mark.parametrize(
    "text", ['{"accessKeyId": "team", "secretAccessKey": "other"}', "not JSON", "[]", '{"accessKeyId": "a"}']
)
def test_whoever_may_not_ask_gets_the_stored_list(
    table: Any, on_premise: OnPremise, secrets: Secrets, text: str
) -> None:
    secrets.text = text

    answer, api = asked(table, on_premise.server)

    assert (answer["source"], ids(answer)) == ("batch", list("abcdef"))
    assert api.told[0].reasons == ("campaign_failed",)
    assert "other" not in json.dumps(answer)


class _Else(BaseHTTPRequestHandler):
    """Something else at the URL. content: what it says."""

    content, open = b"", Event()

    def do_POST(self) -> None:
        self.open.wait()
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.mark.parametrize(
    ("content", "budget_ms", "reason"),
    [
        (b"<html>Welcome</html>", IN_TIME, "campaign_failed"),
        (b"{}", IN_TIME, "campaign_failed"),
        (b'{"itemList": [{}]}', IN_TIME, "campaign_failed"),
        (b'{"itemList": 5}', IN_TIME, "campaign_failed"),
        (b'{"itemList": []}', IN_TIME, "campaign_empty"),
        (b'{"itemList": [{"itemId": "late"}]}', 100, "campaign_timeout"),
    ],
)
def test_whatever_is_at_the_url_there_is_a_list_within_the_budget(
    table: Any, secrets: Secrets, content: bytes, budget_ms: int, reason: str
) -> None:
    opened = Event()
    if budget_ms == IN_TIME:
        opened.set()
    other = HTTPServer(("127.0.0.1", 0), type("Else", (_Else,), {"content": content, "open": opened}))
    thread = Thread(target=other.serve_forever)
    thread.start()
    arn = f"arn:aws:personalize:{REGION}:{ACCOUNT}:campaign/mine"
    url = f"http://127.0.0.1:{other.server_address[1]}"
    try:
        server = Server(variant="own", url=url, campaign_arn=arn, budget_ms=budget_ms, secret="recs/server")
        clients.campaign_client(server)
        answer, api = asked(table, server)
    finally:
        opened.set()
        other.shutdown()
        thread.join()
        other.server_close()

    assert (answer["source"], api.told[0].reasons) == ("batch", (reason,))


def test_a_server_that_is_gone_costs_nobody_a_list(table: Any, secrets: Secrets) -> None:
    arn = f"arn:aws:personalize:{REGION}:{ACCOUNT}:campaign/mine"
    server = Server(variant="own", url="http://127.0.0.1:9", campaign_arn=arn, budget_ms=IN_TIME)

    answer, api = asked(table, server)

    assert (answer["source"], api.told[0].reasons) == ("batch", ("campaign_failed",))


def test_the_secret_is_read_by_its_name_and_again_after_a_while(aws: None) -> None:
    manager = client("secretsmanager")
    first = {"accessKeyId": "one", "secretAccessKey": "x"}
    manager.create_secret(Name="recs/server", SecretString=json.dumps(first))
    began = datetime.now(UTC)
    session = session_of(manager, "recs/server", now=lambda: began - timedelta(minutes=50))
    old = session.get_credentials()
    assert old

    assert old.get_frozen_credentials().access_key == "one"
    manager.put_secret_value(SecretId="recs/server", SecretString=json.dumps({**first, "accessKeyId": "two"}))
    assert old.get_frozen_credentials().access_key == "two"
    manager.put_secret_value(SecretId="recs/server", SecretString="torn")
    with pytest.raises(CredentialRetrievalError, match="recs/server must be JSON") as told:
        session_of(manager, "recs/server")
    assert "torn" not in str(told.value)


def test_settings_of_a_server_are_read_as_they_are_deployed() -> None:
    given = {
        "variant": "own",
        "url": "https://recs.example:8443",
        "campaign_arn": f"arn:aws:personalize:{REGION}:{ACCOUNT}:campaign/mine",
        "budget_ms": 100,
        "secret": "recs/server",
    }
    endpoint = {"use_case": "posts", "path": "posts", "kind": "feed", "variant": "own", "longest": 6}
    text = json.dumps({"stage": "s", "authorization": "iam", "endpoints": [{**endpoint, "servers": [given]}]})

    [read] = ApiSettings.from_json(text).endpoints

    found = read.campaign_of("own")
    assert isinstance(found, Server) and (found.region, found.url) == (REGION, given["url"])
    assert read.campaign_of("personalize") is None
