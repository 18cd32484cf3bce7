"""A function's environment as a typed value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Environment:
    """Each field of a subclass is the variable of the same name in capitals; all are texts and required."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises: RuntimeError, which names every missing variable."""
        names = {f.name: f.name.upper() for f in fields(cls)}
        missing = sorted(name for name in names.values() if not environ.get(name))
        if missing:
            raise RuntimeError(f"missing environment variables: {', '.join(missing)}")
        return cls(**{field: environ[name] for field, name in names.items()})
