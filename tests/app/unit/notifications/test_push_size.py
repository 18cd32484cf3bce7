"""A push message is never larger than Firebase and Apple take, whatever an item is called."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.notifications.messages import Content, Language, MessageTooLarge, push_message

LARGEST = 4096
"""Bytes: "Maximum payload" of FCM's documentation, and APNs' for all notifications but VoIP."""


def payloads(text: str) -> tuple[Any, Any]:
    platforms = json.loads(text)
    return json.loads(platforms["GCM"])["fcmV1Message"]["message"], json.loads(platforms["APNS"])


def content(title: str, url: str = "https://app.example.com/{item}") -> Content:
    words = Language(push_title="{title}", push_body="Neu: {title}!", inbox_title="", inbox_body="")
    return Content(
        notification="weekly", use_case="programs", variant="personalize", generation="g1", entry="e",
        titles={"1": title}, item_url=url, languages={"de": words}, default_language="de",
    )  # fmt: skip


@given(st.text(max_size=40), st.sampled_from([1, 40, 400]), st.sampled_from([0, 2000, 3600, 3800, 5000]))
def test_it_fits_whole_or_cut_or_is_refused(text: str, times: int, url: int) -> None:
    title, made = text * times, content(text * times, "https://app.example.com/" + "x" * url)
    try:
        message = push_message(made, made.language("de"), "1")
    except MessageTooLarge:
        assert url > 3000
        return
    android, ios = payloads(message.text)
    assert all(len(json.dumps(part, ensure_ascii=False).encode()) <= LARGEST for part in (android, ios))
    assert json.loads(message.text)["APNS_SANDBOX"] == json.loads(message.text)["APNS"]
    body = android["notification"]["body"]
    assert body == ios["aps"]["alert"]["body"]
    whole = f"Neu: {title}!"
    assert (body == whole and android["notification"]["title"] == title) or message.cut
    assert not message.cut or whole.startswith(body.removesuffix("…"))


@pytest.mark.parametrize(("characters", "cut"), [(10, False), (1000, False), (3000, True), (100_000, True)])
def test_only_what_does_not_fit_is_cut_and_as_little_as_may_be(characters: int, cut: bool) -> None:
    made = content("x" * characters)
    message = push_message(made, made.language("de"), "1")
    assert message.cut is cut
    [size, _] = (len(json.dumps(part).encode()) for part in payloads(message.text))
    assert not cut or size > 3900
