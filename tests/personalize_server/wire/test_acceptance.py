"""The quick check of requests says yes to nothing that the thorough one would change or refuse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.facts.errors import ApiError
from personalize_server.facts.service_model import operations
from personalize_server.wire.acceptance import accepted, checker
from personalize_server.wire.validation import validate

_NAMES = ("GetRecommendations", "GetPersonalizedRanking", "GetActionRecommendations", "PutEvents")
_CAMPAIGN = "arn:aws:personalize:eu-west-1:123456789012:campaign/c"
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.just(_CAMPAIGN)
)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
)


@st.composite
def requests(draw: st.DrawFn, name: str) -> Any:
    shape = operations()[name].model.input_shape
    members = sorted(shape.members) if shape is not None else []
    known = draw(st.dictionaries(st.sampled_from(members), _JSON, max_size=4))
    good = {
        "campaignArn": _CAMPAIGN,
        "userId": "u",
        "inputList": ["a"],
        "trackingId": "t",
        "sessionId": "s",
        "eventList": [{"eventType": "view", "sentAt": 1.5}],
        "context": {"DEVICE": "phone"},
        "numResults": 3,
    }
    kept = draw(st.sets(st.sampled_from(sorted(set(good) & set(members)))))
    return {**{member: good[member] for member in kept}, **known}


@pytest.mark.parametrize("name", _NAMES)
@given(data=st.data())
def test_both_checks_agree(name: str, data: st.DataObject) -> None:
    shape = operations()[name].model.input_shape
    assert shape is not None
    request = data.draw(requests(name))
    try:
        thorough = validate(shape, request)
    except ApiError as refused:
        assert not checker(shape)(request)
        with pytest.raises(type(refused)):
            accepted(shape, request)
        return
    assert accepted(shape, request) == thorough


@pytest.mark.parametrize(
    "request_",
    [
        {"campaignArn": _CAMPAIGN, "userId": "u", "numResults": 25, "filterValues": {"A": '"x"'}},
        {"campaignArn": _CAMPAIGN, "promotions": [{"percentPromotedItems": 10}]},
    ],
)
def test_good_requests_pass_the_quick_check(request_: dict[str, Any]) -> None:
    shape = operations()["GetRecommendations"].model.input_shape
    assert shape is not None and checker(shape)(request_)
