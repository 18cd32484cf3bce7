"""A chosen configuration as a small JSON file, and back."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from engine.fitting.algorithms import ALGORITHMS, MemberConfig
from engine.fitting.contextual import ContextWeight
from engine.fitting.hybrid import HybridConfig
from engine.fitting.newcomers import Newcomer
from engine.fitting.typed import misfits
from engine.ground.errors import ConfigError
from engine.ground.histories import Recency

AnyConfig = MemberConfig | HybridConfig
_KINDS: dict[str, Any] = {
    "hybrid": HybridConfig,
    "recency": Recency,
    "context": ContextWeight,
    "newcomer": Newcomer,
    **{name: algorithm.config for name, algorithm in ALGORITHMS.items()},
}


def save(config: AnyConfig, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain(config), indent=2) + "\n", encoding="utf-8")


def load(path: Path) -> AnyConfig:
    """A configuration from JSON, as `plain` gives it.

    Raises: ConfigError, for what is no JSON or no configuration.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise ConfigError(f"{path} is not JSON: {problem}") from None
    return parsed(content, str(path))


def parsed(content: Any, where: str) -> AnyConfig:
    """From what `plain` gives; `where` names it in errors.

    Raises: ConfigError, if it describes no algorithm.
    """
    config = _typed(content, where)
    if not isinstance(config, AnyConfig):
        raise ConfigError(f"{where} does not describe an algorithm")
    return config


def default(name: str) -> AnyConfig:
    """An algorithm's configuration with all defaults. Raises: ConfigError, if there is no such algorithm."""
    if name not in _KINDS or name in ("recency", "context", "newcomer"):
        raise ConfigError(f"no algorithm {name!r}; there are {', '.join(['hybrid', *ALGORITHMS])}")
    config: AnyConfig = _KINDS[name]()
    return config


def plain(value: Any) -> Any:
    """The configuration as JSON values."""
    if is_dataclass(value):
        name = next(name for name, kind in _KINDS.items() if kind is type(value))
        return {"kind": name, **{field.name: plain(getattr(value, field.name)) for field in fields(value)}}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def _typed(value: Any, where: str) -> Any:
    if isinstance(value, list):
        return tuple(_typed(item, where) for item in value)
    if not isinstance(value, dict):
        return value
    settings = {name: _typed(setting, where) for name, setting in value.items() if name != "kind"}
    name = value.get("kind")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ConfigError(f"{where}: no kind {value.get('kind')!r}; there are {', '.join(_KINDS)}")
    known = {field.name for field in fields(kind)}
    if foreign := sorted(set(settings) - known):
        raise ConfigError(f"{where}: {value['kind']} has no setting {', '.join(foreign)}")
    if wrong := misfits(kind, settings):
        raise ConfigError(f"{where}: {name}: {'; '.join(wrong)}")
    try:
        return kind(**settings)
    except TypeError as problem:
        raise ConfigError(f"{where}: {name}: {problem}") from None
