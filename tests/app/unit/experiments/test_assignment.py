"""Who gets which: by the weights, independently of other experiments, and nobody is moved back."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from pipeline.experiments.assignment import Assigned, assigned, counted, place
from pipeline.experiments.changes import filled, resumed, returned, stepped
from pipeline.experiments.experiment import BUCKETS, CONTROL, STATES, TREATMENT, Arm
from tests.app.support.experiments.experimenting import EVEN, NOTE, Ramp, experiment, ramped

IDS = [str(number) for number in range(5_000)]
UNITS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
SALTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
SHARES = st.integers(0, BUCKETS)
STEPS = st.lists(SHARES, min_size=2, max_size=6).map(sorted)


@st.composite
def arms(draw: st.DrawFn) -> tuple[Arm, ...]:
    """Two or three of any weights, of which control has at least what can be held back."""
    ends = sorted(draw(st.lists(st.integers(0, BUCKETS - 500), min_size=1, max_size=2)))
    names = [TREATMENT, "second"][: len(ends)]
    starts = [0, *ends]
    made = [Arm(name, "own", end - start) for name, start, end in zip(names, starts, ends, strict=False)]
    return (*made, Arm(CONTROL, "personalize", BUCKETS - ends[-1]))


@given(salt=SALTS, unit=UNITS)
def test_a_place_is_what_the_documented_formula_says(salt: str, unit: str) -> None:
    whole = int(sha256(salt.encode() + b"\0" + unit.encode()).hexdigest(), 16)

    at = place(salt, unit)

    assert at.split == (whole >> 192) % 10_000
    assert at.exposure == (whole >> 128) % 2**64 % 10_000


@given(salt=SALTS, unit=UNITS, split=arms(), exposures=STEPS)
def test_growing_exposure_adds_people_and_moves_nobody(
    salt: str, unit: str, split: tuple[Arm, ...], exposures: list[int]
) -> None:
    now = experiment(salt=salt, arms=split, exposure=exposures[0])
    seen = [assigned(now, unit)]
    for exposure in exposures[1:]:
        now = stepped(now, NOTE, exposure=exposure)
        seen.append(assigned(now, unit))

    taking_part = [who for who in seen if who.arm is not None]
    assert len(set(taking_part)) <= 1
    assert seen == [Assigned()] * (len(seen) - len(taking_part)) + taking_part


@given(salt=SALTS, unit=UNITS, split=arms(), exposure=SHARES, held=st.integers(100, 500), later=st.data())
def test_holding_back_never_takes_from_anybody_what_they_had(
    salt: str, unit: str, split: tuple[Arm, ...], exposure: int, held: int, later: st.DataObject
) -> None:
    running = experiment(salt=salt, arms=split, exposure=exposure)
    full = filled(running, NOTE, held_back=held)
    versions = [running, full]
    if held > 100:
        versions.append(filled(full, NOTE, held_back=later.draw(st.integers(100, held - 1))))
    seen = [assigned(version, unit) for version in versions]

    treated = [who.variant == "own" for who in seen]
    assert treated == sorted(treated), "once treated, always treated"
    assert len({who.arm for who in seen} - {None}) <= 1
    at = place(salt, unit)
    in_control = at.split >= BUCKETS - split[-1].weight
    assert (seen[1].variant == "personalize") == (in_control and at.split >= BUCKETS - held)


@given(salt=SALTS, unit=UNITS, split=arms(), exposure=SHARES, full=st.booleans())
def test_who_is_returned_keeps_their_arm_and_goes_on_where_they_were(
    salt: str, unit: str, split: tuple[Arm, ...], exposure: int, full: bool
) -> None:
    before = experiment(salt=salt, arms=split, exposure=exposure)
    before = filled(before, NOTE, held_back=200) if full else before
    back = returned(before, NOTE)

    assert assigned(back, unit) == Assigned(assigned(before, unit).arm, None)
    assert assigned(resumed(back, NOTE), unit) == assigned(before, unit)


@given(unit=UNITS, state=st.sampled_from(STATES), exposure=SHARES, arm=st.sampled_from(EVEN))
def test_testers_are_in_their_arm_before_everything_else(
    unit: str, state: str, exposure: int, arm: Arm
) -> None:
    held = {"held_back": 100} if state == "full" else {}
    told = experiment(state=state, exposure=exposure, overrides={unit: arm.name}, **held)

    who = assigned(told, unit)

    if state == "stopped":
        assert who == Assigned()
    else:
        assert who == Assigned(arm.name, None if state == "returned" else arm.variant)
    assert counted(told, unit) is None, "who knows what they look at is not measured"


@given(unit=UNITS, state=st.sampled_from(STATES), exposure=SHARES)
def test_who_is_no_tester_is_measured_in_the_arm_they_are_in(unit: str, state: str, exposure: int) -> None:
    held = {"held_back": 100} if state == "full" else {}
    told = experiment(state=state, exposure=exposure, overrides={f"{unit}-tester": TREATMENT}, **held)

    assert counted(told, unit) == assigned(told, unit).arm


def test_people_are_spread_as_the_weights_and_the_exposure_say() -> None:
    from scipy.stats import chisquare

    split = (Arm(TREATMENT, "own", 2_000), Arm("second", "own", 3_000), Arm(CONTROL, "personalize", 5_000))
    units = [f"user-{number}" for number in range(50_000)]

    found = Counter(assigned(experiment(arms=split, exposure=4_000), unit).arm for unit in units)

    observed = [found[name] for name in (TREATMENT, "second", CONTROL, None)]
    assert chisquare(observed, [4_000, 6_000, 10_000, 30_000]).pvalue > 0.001


def test_two_experiments_do_not_depend_on_each_other() -> None:
    from scipy.stats import chi2_contingency

    splits = [[place(f"s{number}", id_).split < 5_000 for id_ in IDS] for number in range(100)]

    dependent = 0
    for number, first in enumerate(splits):
        both = Counter(zip(first, splits[(number + 1) % 100], strict=True))
        table = [[both[a, b] for b in (False, True)] for a in (False, True)]
        dependent += bool(chi2_contingency(table, correction=False).pvalue < 0.05)

    print(f"{dependent} of 100 pairs of experiments depend on each other at 5 %")
    assert dependent <= 8


def test_split_and_exposure_do_not_depend_on_each_other() -> None:
    from scipy.stats import chi2_contingency

    dependent = 0
    for number in range(20):
        places = [place(f"s{number}", id_) for id_ in IDS]
        both = Counter((at.split < 5_000, at.exposure < 2_000) for at in places)
        table = [[both[a, b] for b in (False, True)] for a in (False, True)]
        dependent += bool(chi2_contingency(table, correction=False).pvalue < 0.05)

    assert dependent <= 4


def test_a_ramp_from_10_by_50_to_100_percent_moves_nobody_back() -> None:
    for salt in ("s0", "s1", "s2"):
        assert ramped(salt, IDS) == Ramp(moved_back=0, moved_between=0, shares=(0.1, 0.5, 1.0))
