"""The functions' environment, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Self


@dataclass(frozen=True)
class _Environment:
    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        names = {f.name: f.name.upper() for f in fields(cls)}
        missing = sorted(name for name in names.values() if not environ.get(name))
        if missing:
            raise RuntimeError(f"missing environment variables: {', '.join(missing)}")
        return cls(**{field: environ[name] for field, name in names.items()})


@dataclass(frozen=True)
class StepEnvironment(_Environment):
    """What every step of the workflow knows."""

    data_bucket: str
    serving_table: str
    stage: str


@dataclass(frozen=True)
class ExtractEnvironment(StepEnvironment):
    """`database_secret` is a secret's name; `database_ssl_mode` require, prefer, disable or verify-full."""

    database_secret: str
    database_ssl_mode: str


@cache
def step_environment() -> StepEnvironment:
    return StepEnvironment.read()


@cache
def extract_environment() -> ExtractEnvironment:
    return ExtractEnvironment.read()
