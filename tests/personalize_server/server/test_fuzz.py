"""Malformed and hostile requests end in an answer that says so; the server goes on as before."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalize_server.facts.service_model import operations
from personalize_server.server.methods import IMPLEMENTED
from tests.personalize_server.support.hostile import Hostile, Verdict, http, send
from tests.personalize_server.support.hostile_requests import hostile_requests
from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.preconditions import valid
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "objects" / BUCKET).mkdir(parents=True)
    options = ("--file-root", str(folder / "objects"), "--log-level", "error", *QUOTAS)
    server = PersonalizeServer(folder / "data", None, options).start()
    yield server
    server.stop()


@pytest.mark.prove
def test_hundreds_of_hostile_requests_do_no_harm(attacked: PersonalizeServer, tmp_path: Path) -> None:
    objects = Path(attacked.options[1]) / BUCKET
    world = World(attacked.url, objects)
    ready = {name: valid(world, name) for name in sorted(IMPLEMENTED) if not name.startswith("Delete")}
    before = call(attacked.url, "GetRecommendations", ready["GetRecommendations"]).content["itemList"]
    assert attacked.process is not None
    process, verdict = psutil.Process(attacked.process.pid), Verdict()
    for number, request in enumerate(islice(hostile_requests(7, ready), 900)):
        if number == 300:
            resident = process.memory_info().rss
        verdict.add(request, send(("127.0.0.1", attacked.port), request))
    assert verdict.failures == []
    assert len(verdict.endings) > 20, "requests of many kinds came to many ends"
    assert process.memory_info().rss < resident + 50_000_000
    after = call(attacked.url, "GetRecommendations", ready["GetRecommendations"]).content["itemList"]
    assert len(after) == len(before) == 25


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(operations())), data=st.data())
def test_any_values_in_place_of_members_are_answered(
    attacked: PersonalizeServer, name: str, data: st.DataObject
) -> None:
    members = sorted(operations()[name].model.input_shape.members) or ["none"]
    body = data.draw(st.dictionaries(st.sampled_from(members), JSON, max_size=4))
    answer = call(attacked.url, name, body)
    known = operations()[name].declared_errors | {"OK", "SerializationException", "NotImplementedException"}
    assert answer.code in known, (body, answer)
    assert answer.status < 500 or name not in IMPLEMENTED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(IMPLEMENTED)), body=st.binary(max_size=400), raw=st.booleans())
def test_any_bytes_are_answered_or_the_connection_is_closed(
    attacked: PersonalizeServer, name: str, body: bytes, raw: bool
) -> None:
    request = Hostile("bytes", (body if raw else http(name, body),), half_close=True)
    verdict = Verdict()
    verdict.add(request, send(("127.0.0.1", attacked.port), request))
    assert verdict.failures == []
