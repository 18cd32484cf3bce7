"""Placeholders for names: of a stage, its account and its region, and for the hashes of assets."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Names = Mapping[str, str]
"""for example `{"Stage": "Prod", "stage": "prod", "account": "333333333333", "region": "eu-west-1"}`"""


_ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def without_asset_hashes(value: Any) -> Any:
    """They change with the code of functions, which is reviewed as such."""
    return _changed(value, lambda text: _ASSET_HASH.sub("ASSET", text))


def taken_out(value: Any, names: Names) -> Any:
    """The value with a placeholder, for example `{stage}`, for each name that stands in it as a word."""
    by_name = {name: f"{{{key}}}" for key, name in names.items()}
    words = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(by_name, key=len, reverse=True)))

    def change(text: str) -> str:
        if _placeholders(names).search(text):
            raise ValueError(f"taken for a placeholder of a name: {text!r}")
        return words.sub(lambda match: by_name[match[0]], text)

    return _changed(value, change)


def put_in(value: Any, names: Names) -> Any:
    """The way back from `taken_out`."""
    placeholders = _placeholders(names)
    return _changed(value, lambda text: placeholders.sub(lambda match: names[match[1]], text))


def _placeholders(names: Names) -> re.Pattern[str]:
    return re.compile(r"\{(" + "|".join(names) + r")\}")


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case dict():
            return {change(key): _changed(member, change) for key, member in value.items()}
        case list():
            return [_changed(member, change) for member in value]
        case _:
            return value
