"""Addresses of objects and folders in S3."""

import re
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

    @property
    def file_name(self) -> str:
        return self.key.rpartition("/")[2]

    def inside(self, name: str) -> "Location":
        return Location(self.bucket, self.key + name)


def parse_location(path: str) -> Location | None:
    """None where it is not the address of an object or folder in S3."""
    match = _LOCATION.fullmatch(path)
    return Location(match[1], match[2] or "") if match else None
