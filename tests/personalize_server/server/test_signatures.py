"""With access keys, only requests signed by one of them are answered, each for its own account."""

import hashlib
import json
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from personalize_server.facts.options import Options
from personalize_server.state.attribution_ledger import all_totals
from personalize_server.state.store import Store
from tests.personalize_server.support.journey import schema_text
from tests.personalize_server.support.processes import PersonalizeServer


@pytest.fixture(scope="module")
def guarded(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    folder = tmp_path_factory.mktemp("guarded")
    keys = {
        "AKIAONE": {"secret": "first-secret", "account": "111111111111"},
        "AKIATWO": {"secret": "second-secret", "account": "222222222222"},
    }
    (folder / "keys.json").write_text(json.dumps(keys))
    options = ("--access-keys", str(folder / "keys.json"))
    server = PersonalizeServer(folder / "data", s3_endpoint, options, open_to_all=False).start()
    yield server
    server.stop()


def signed(server: PersonalizeServer, key: str, secret: str, service: str = "personalize") -> Any:
    session = boto3.session.Session(key, secret, region_name="eu-west-1")
    config = Config(retries={"total_max_attempts": 1})
    return session.client(service, endpoint_url=server.url, config=config)


def test_accounts_see_only_their_own(guarded: PersonalizeServer) -> None:
    first, second = signed(guarded, "AKIAONE", "first-secret"), signed(guarded, "AKIATWO", "second-secret")
    arn = first.create_dataset_group(name="mine")["datasetGroupArn"]
    assert arn == "arn:aws:personalize:eu-west-1:111111111111:dataset-group/mine"
    assert second.list_dataset_groups()["datasetGroups"] == []
    with pytest.raises(second.exceptions.ResourceNotFoundException):
        second.describe_dataset_group(datasetGroupArn=arn)


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("AKIAONE", "second-secret", "InvalidSignatureException"),
        ("AKIANONE", "first-secret", "UnrecognizedClientException"),
    ],
)
def test_a_wrong_key_or_secret_is_refused(
    guarded: PersonalizeServer, key: str, secret: str, code: str
) -> None:
    for service, call in (
        ("personalize", "list_schemas"),
        ("personalize-runtime", "get_recommendations"),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(signed(guarded, key, secret, service), call)()
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_signed_request_for_the_runtime_is_let_in(guarded: PersonalizeServer) -> None:
    runtime = signed(guarded, "AKIAONE", "first-secret", "personalize-runtime")
    with pytest.raises(runtime.exceptions.ResourceNotFoundException):
        runtime.get_recommendations(
            campaignArn="arn:aws:personalize:eu-west-1:111111111111:campaign/none", userId="ü/%+ x"
        )


def test_a_request_changed_on_its_way_or_unsigned_is_refused(guarded: PersonalizeServer) -> None:
    client = signed(guarded, "AKIAONE", "first-secret")

    def change(request: Any, **_: Any) -> None:
        request.body = b"[]"

    client.meta.events.register("before-send.personalize.ListSchemas", change)
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        client.list_schemas()

    def strip(request: Any, **_: Any) -> None:
        del request.headers["Authorization"]

    client.meta.events.register("before-send.personalize.ListRecipes", strip)
    with pytest.raises(ClientError, match="MissingAuthenticationTokenException"):
        client.list_recipes()


def test_a_signed_request_cannot_be_turned_into_another_operation(guarded: PersonalizeServer) -> None:
    control = signed(guarded, "AKIAONE", "first-secret")
    dataset = control.create_dataset(
        name="kept",
        datasetType="Items",
        datasetGroupArn=control.create_dataset_group(name="kept")["datasetGroupArn"],
        schemaArn=control.create_schema(name="kept", schema=schema_text("Items"))["schemaArn"],
    )["datasetArn"]
    events = signed(guarded, "AKIAONE", "first-secret", "personalize-events")
    items = [{"itemId": "i1", "properties": '{"genres": "Horror"}'}]

    def retarget(request: Any, **_: Any) -> None:
        request.headers["X-Amz-Target"] = "AmazonPersonalize.DeleteDataset"

    events.meta.events.register("before-send.personalize-events.PutItems", retarget, "retarget")
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        events.put_items(datasetArn=dataset, items=items)
    events.meta.events.unregister("before-send.personalize-events.PutItems", unique_id="retarget")
    events.meta.events.register("before-sign.personalize-events.PutItems", retarget)
    events.put_items(datasetArn=dataset, items=items)
    assert [found["datasetArn"] for found in control.list_datasets()["datasets"]] == [dataset]


@pytest.mark.parametrize("name", ["X-Amz-Security-Token", "X-Amz-Content-SHA256"])
def test_what_aws_headers_say_counts_if_it_is_signed(guarded: PersonalizeServer, name: str) -> None:
    client = signed(guarded, "AKIAONE", "first-secret")

    def say(request: Any, **_: Any) -> None:
        request.headers[name] = hashlib.sha256(b"{}").hexdigest()

    client.meta.events.register("before-sign.personalize.ListRecipes", say)
    assert client.list_recipes()["recipes"]
    client.meta.events.register("before-send.personalize.ListSchemas", say)
    with pytest.raises(ClientError, match=f"'{name.lower()}' must be a 'SignedHeader'"):
        client.list_schemas()


def test_temporary_credentials_sign_as_well(guarded: PersonalizeServer) -> None:
    session = boto3.session.Session("AKIAONE", "first-secret", "a token/+=", region_name="eu-west-1")
    assert session.client("personalize", endpoint_url=guarded.url).list_recipes()["recipes"]


def test_a_region_has_a_name(guarded: PersonalizeServer) -> None:
    client = signed(guarded, "AKIAONE", "first-secret")

    def nowhere(request: Any, **_: Any) -> None:
        header = request.headers["Authorization"]
        del request.headers["Authorization"]
        request.headers["Authorization"] = header.replace(b"/eu-west-1/", b"/-/")

    client.meta.events.register("before-send.personalize.ListRecipes", nowhere)
    with pytest.raises(ClientError, match="not one of AWS4-HMAC-SHA256"):
        client.list_recipes()


def test_an_old_request_is_refused(guarded: PersonalizeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    import botocore.auth

    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=16)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: past.replace(tzinfo=None))
    with pytest.raises(ClientError, match="Signature expired"):
        signed(guarded, "AKIAONE", "first-secret").list_schemas()


def test_a_server_must_be_told_whose_requests_to_accept(tmp_path: Path) -> None:
    from personalize_server.cli import main

    for wrong in ([], ["--no-auth", "--access-keys", "keys.json"]):
        with pytest.raises(SystemExit):
            main(["serve", "--data", str(tmp_path), *wrong])


def test_what_is_asked_in_the_query_is_signed_too(guarded: PersonalizeServer) -> None:
    client = signed(guarded, "AKIAONE", "first-secret")

    def ask_more(request: Any, **_: Any) -> None:
        request.url += "?a=b"

    client.meta.events.register("before-sign.personalize.ListRecipes", ask_more)
    assert client.list_recipes()["recipes"]
    client.meta.events.register("before-send.personalize.ListSchemas", ask_more)
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        client.list_schemas()


def test_figures_of_accounts_are_told_nobody_who_has_not_said_who_they_are(
    guarded: PersonalizeServer,
) -> None:
    client = signed(guarded, "AKIAONE", "first-secret")
    group = client.create_dataset_group(name="measured")["datasetGroupArn"]
    state = Options(data=guarded.data).state_file
    with closing(Store(state)) as store:
        store.execute("INSERT INTO attribution_totals VALUES (?, 'views', 'view', 'mail', 3)", group)
        assert len(all_totals(store)) == 1
    with urllib.request.urlopen(f"{guarded.url}/metrics") as answer:
        figures = answer.read().decode()
    assert "personalize_requests" in figures
    assert group not in figures
    assert "personalize_answers" not in figures
