"""What a background job is given and gives back: plain values that cross process borders."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Plan: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, Any]
