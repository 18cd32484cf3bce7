"""E-mails that SNS would have sent: one JSON file each, for people and tests to read."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True, kw_only=True)
class Email:
    sent_at: str
    to: str
    subject: str
    text: str
    topic: str


def folder(state_dir: Path) -> Path:
    return state_dir / "outbox"


def put(state_dir: Path, email: Email) -> None:
    """Readers see whole e-mails only."""
    target = folder(state_dir)
    target.mkdir(parents=True, exist_ok=True)
    name = f"{email.sent_at.replace(':', '')}-{uuid4().hex[:8]}.json"
    unfinished = target / f".{name}"
    unfinished.write_text(json.dumps(asdict(email), indent=2, ensure_ascii=False) + "\n")
    unfinished.replace(target / name)


def emails(state_dir: Path) -> Iterator[Email]:
    """Oldest first."""
    for path in sorted(folder(state_dir).glob("*.json")):
        yield Email(**json.loads(path.read_text()))
