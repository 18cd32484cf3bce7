"""Addresses of objects and folders in S3."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LOCATION = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Location:
    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def is_folder(self) -> bool:
        return self.key == "" or self.key.endswith("/")

    def inside(self, name: str) -> "Location":
        return Location(self.bucket, self.key + name)


def parse_location(path: str) -> Location | None:
    """None where it is not the address of an object or folder in S3."""
    match = _LOCATION.fullmatch(path)
    return Location(match[1], match[2] or "") if match else None


def names_below(path: str, keys: Sequence[str]) -> list[str]:
    """Keys that start as the path does, from its folder on, which may be given without its last slash."""
    location = parse_location(path)
    prefix = location.key if location else ""
    if not all(key.startswith(f"{prefix}/") for key in keys):
        prefix = prefix.rpartition("/")[0]
    return [key.removeprefix(f"{prefix}/") for key in keys]
