"""Items that are less than they were: what is added takes nothing away, and is added once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from operations.restoring.mending import claim, counter, opt_out
from pipeline.notifications.claims import CHANNELS, CLAIMED, FAILED, SENT, UNCERTAIN, Claim
from pipeline.notifications.table import UNSUBSCRIBED

KEY: dict[str, Any] = {"pk": {"S": "user#ann"}, "sk": {"S": "-"}}
STATES = st.dictionaries(
    st.sampled_from(CHANNELS), st.sampled_from([CLAIMED, SENT, FAILED, UNCERTAIN]), max_size=3
)
COUNTS = st.dictionaries(
    st.sampled_from(["impressions|own|model", "actions|own|model", "others|own|model"]),
    st.integers(0, 50),
)
CONSENT = st.sampled_from([{}, {"state": {"S": UNSUBSCRIBED}}, {"state": {"S": "subscribed"}}])


def claimed(states: dict[str, str]) -> dict[str, Any]:
    parts = {f"{channel}_state": {"S": state} for channel, state in states.items()}
    return {**KEY, **parts, **{f"{channel}_run": {"S": "r"} for channel in states}}


def counted(numbers: dict[str, int]) -> dict[str, Any]:
    return {**KEY, **{name: {"N": str(number)} for name, number in numbers.items()}}


@given(STATES, STATES)
def test_a_claim_knows_of_every_channel_that_was_claimed_before_or_is_now(
    before: dict[str, str], now: dict[str, str]
) -> None:
    whole = claim(claimed(before), claimed(now))

    told = {channel: state for channel, state in before.items() if state == SENT}
    assert Claim.of(whole or claimed(now)).states == before | now | told
    assert (whole is None) == (before | now | told == now)
    assert claim(claimed(before), whole or claimed(now)) is None


@given(COUNTS, COUNTS)
def test_a_counter_is_what_it_was_or_is_whatever_is_more(before: dict[str, int], now: dict[str, int]) -> None:
    whole = counter(counted(before), counted(now)) or counted(now)

    for name in {*before, *now}:
        assert int(whole.get(name, {"N": "0"})["N"]) == max(before.get(name, 0), now.get(name, 0))
    assert counter(counted(before), whole) is None


@given(CONSENT, CONSENT)
def test_whoever_has_opted_out_at_either_time_has_opted_out(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    whole = opt_out({**KEY, **before}, {**KEY, **now})

    out = {"S": UNSUBSCRIBED}
    either = out in (before.get("state"), now.get("state"))
    assert ((whole or {**KEY, **now}).get("state") == out) is either
