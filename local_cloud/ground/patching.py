"""Replacing a part of moto, and noticing when a new moto no longer has it."""

from typing import Any


def replace(owner: Any, name: str, replacement: Any) -> Any:
    """Put `replacement` in place of owner.name and return what was there.

    Raises: RuntimeError, if moto has nothing there.
    """
    if not hasattr(owner, name):
        raise RuntimeError(f"this version of moto has no {getattr(owner, '__name__', owner)}.{name} to mend")
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    return original
