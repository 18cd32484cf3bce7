"""The weights of a blend are learned once and kept beside the models, until they are old or broken."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from engine.fitting import configs
from engine.fitting.hybrid import HybridConfig
from engine.ground.errors import EngineError
from pipeline.storage import Bucket
from pipeline.times import iso

FORMAT = 1
_DAY = 86_400


@dataclass(frozen=True)
class Found:
    """config: with weights; None, if they have to be learned. why: in words, for the log."""

    config: HybridConfig | None
    why: str


@dataclass(frozen=True)
class KeptWeights:
    """of: what they are learned for: those of another configuration or other columns are not taken."""

    bucket: Bucket
    key: str
    of: str

    def find(self, *, days: int, now: float) -> Found:
        """days: how old they may be; now: seconds since 1970. Raises: StorageFailed."""
        try:
            content = self.bucket.read_json(self.key, newest=True)
        except ValueError as error:
            return Found(None, f"learned: {self.bucket.url(self.key)} is broken: {error}")
        if content is None:
            return Found(None, "learned: none were kept")
        try:
            return self._found(content, days, now)
        except (EngineError, LookupError, TypeError, ValueError) as error:
            return Found(None, f"learned: {self.bucket.url(self.key)} is broken: {error}")

    def _found(self, content: Any, days: int, now: float) -> Found:
        """Raises: what a file raises that nobody has written."""
        if content["checksum"] != _checksum(content):
            raise ValueError("its checksum is another")
        if content["format"] != FORMAT:
            return Found(None, f"learned: those kept have the format {content['format']}, not {FORMAT}")
        if content["of"] != self.of:
            return Found(None, "learned: those kept are of another configuration or other columns")
        if now - float(content["learnedSeconds"]) >= days * _DAY:
            return Found(None, f"learned: those of {content['learnedAt']} are {days} days old or older")
        config = configs.parsed(content["configuration"], self.bucket.url(self.key))
        if not isinstance(config, HybridConfig) or config.weights is None:
            raise ValueError("it has no weights of a hybrid")
        return Found(config, f"kept: learned at {content['learnedAt']} by the run {content['run']}")

    def keep(self, config: HybridConfig, *, run: str, now: float) -> None:
        """Whole or not at all. Raises: StorageFailed."""
        content = {
            "format": FORMAT,
            "of": self.of,
            "run": run,
            "learnedAt": iso(now),
            "learnedSeconds": now,
            "configuration": configs.plain(config),
        }
        self.bucket.write_json(self.key, {**content, "checksum": _checksum(content)})


def _checksum(content: dict[str, Any]) -> str:
    covered = {name: value for name, value in content.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()
