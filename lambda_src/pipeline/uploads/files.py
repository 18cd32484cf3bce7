"""Where files of datasets lie."""

from __future__ import annotations

from typing import Any, Protocol


class Files(Protocol):
    """The data bucket, or what stands for it before anything is deployed."""

    def url(self, key: str) -> str:
        """The place, for people."""

    def open_newest(self, key: str) -> Any:
        """The file's bytes, to be read and closed. Raises: ObjectMissing, if there is none; StorageFailed."""
