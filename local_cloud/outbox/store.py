"""The outbox: one JSON file for each message, in the cloud's folder."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, kw_only=True)
class Email:
    """Of SNS (then with its topic's ARN) or of SES (then with sender, headers and template)."""

    sent_at: str
    to: str
    subject: str
    text: str = ""
    html: str = ""
    topic: str = ""
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    template: str = ""
    configuration_set: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Push:
    """`message` is the platform's own payload, JSON as APNs or FCM would get it, or plain text."""

    sent_at: str
    platform: str
    token: str
    endpoint: str
    user_data: str
    message: str
    message_id: str = ""


_KINDS: dict[str, type[Email] | type[Push]] = {"email": Email, "push": Push}


def folder(state_dir: Path) -> Path:
    return state_dir / "outbox"


def put(state_dir: Path, message: Email | Push) -> None:
    """Readers see whole messages only."""
    target = folder(state_dir)
    target.mkdir(parents=True, exist_ok=True)
    kind = "push" if isinstance(message, Push) else "email"
    name = f"{message.sent_at.replace(':', '')}-{uuid4().hex[:8]}.{kind}.json"
    unfinished = target / f"{name}.unfinished"
    unfinished.write_text(json.dumps(asdict(message), indent=2, ensure_ascii=False) + "\n")
    unfinished.replace(target / name)


def emails(state_dir: Path) -> Iterator[Email]:
    """Oldest first."""
    yield from _read(state_dir, "email")


def pushes(state_dir: Path) -> Iterator[Push]:
    """Oldest first."""
    yield from _read(state_dir, "push")


def _read(state_dir: Path, kind: str) -> Iterator[Any]:
    for path in sorted(folder(state_dir).glob(f"*.{kind}.json")):
        yield _KINDS[kind](**json.loads(path.read_text()))


def empty(state_dir: Path) -> int:
    """Forget all messages; how many there were."""
    paths = list(folder(state_dir).glob("*.json"))
    shutil.rmtree(folder(state_dir), ignore_errors=True)
    return len(paths)
