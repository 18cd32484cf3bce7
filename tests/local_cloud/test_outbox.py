"""`python -m local_cloud outbox`: what would have been sent, for people, programs and browsers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from local_cloud import outbox
from local_cloud.cli import main
from local_cloud.machine.state import StateFolder

EMAIL = outbox.Email(
    sent_at="2026-01-05T08:00:00Z",
    to="anna@example.com",
    sender="Programs <programs@example.com>",
    subject="Three <programs> for Anna",
    text="Run 10k\nYoga",
    html="<p>Run <b>10k</b></p>",
    headers={"List-Unsubscribe": "<https://api.example.com/u>"},
)
PUSH = outbox.Push(
    sent_at="2026-01-05T08:00:01Z",
    platform="GCM",
    token="token-1",
    endpoint="arn:aws:sns:eu-west-1:123456789012:endpoint/GCM/app/1",
    user_data="",
    message='{"notification": {"title": "Yoga for you"}}',
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with StateFolder(tmp_path).locked():
        pass
    outbox.put(tmp_path, EMAIL)
    outbox.put(tmp_path, PUSH)
    return tmp_path


def run(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["outbox", "--folder", str(folder), *options]) == 0
    return capsys.readouterr().out


def test_people_see_what_was_sent_to_whom(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(folder, capsys)

    for text in ("anna@example.com", "Three <programs> for Anna", "Yoga", "List-Unsubscribe", "token-1"):
        assert text in shown
    assert '"title": "Yoga for you"' in shown
    assert shown.endswith("1 e-mail, 1 push message\n")


def test_an_email_can_be_opened_in_a_browser(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(folder, capsys)

    [page] = folder.rglob("*.html")
    assert str(page) in shown
    content = page.read_text()
    assert "&lt;p&gt;Run &lt;b&gt;10k&lt;/b&gt;&lt;/p&gt;" in content
    assert "<title>Three &lt;programs&gt; for Anna</title>" in content


def test_programs_get_the_same_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(folder, capsys, "--json"))

    assert [email["to"] for email in document["emails"]] == ["anna@example.com"]
    assert document["pushes"][0]["message"] == PUSH.message


def test_the_newest_and_those_to_somebody_can_be_picked_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outbox.put(folder, replace(EMAIL, sent_at="2026-01-05T08:00:02Z", to="ben@example.com"))

    newest = json.loads(run(folder, capsys, "--json", "--last", "2"))
    to_anna = json.loads(run(folder, capsys, "--json", "--to", "Anna@example.com"))
    to_device = json.loads(run(folder, capsys, "--json", "--to", "token-1"))

    assert [one["to"] for one in newest["emails"]] == ["ben@example.com"]
    assert [one["token"] for one in newest["pushes"]] == ["token-1"]
    assert [one["to"] for one in to_anna["emails"]] == ["anna@example.com"] and not to_anna["pushes"]
    assert [one["token"] for one in to_device["pushes"]] == ["token-1"] and not to_device["emails"]


def test_messages_can_be_forgotten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, capsys, "--empty") == "2 messages are forgotten\n"
    assert run(folder, capsys) == "no e-mails, no push messages\n"


def test_a_message_that_is_being_written_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[outbox.Email | outbox.Push] = []
    finish = Path.replace

    def look_first(self: Path, target: Path) -> Path:
        there.extend([*outbox.emails(tmp_path), *outbox.pushes(tmp_path)])
        return finish(self, target)

    monkeypatch.setattr(Path, "replace", look_first)
    outbox.put(tmp_path, EMAIL)
    outbox.put(tmp_path, PUSH)

    assert there == [EMAIL]
    assert list(outbox.pushes(tmp_path)) == [PUSH]
