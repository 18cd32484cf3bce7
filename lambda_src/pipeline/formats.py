"""What outlives a deployment is read by the version before, and by the one after.

Runs, replicas and messages under way meet code of another version: items of tables, messages of the queue,
objects in S3. The rule for their formats:

- A member may be added. It is optional for a release, readers leave alone what they do not know, and whoever
  passes something on or writes it again keeps what it does not know.
- Any other change raises the member `format` (absent: 1) of what is written. A reader knows its own and the
  one before; of a newer one it says so, and takes nothing, so that it can be read once newer code is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.errors import UnknownFormat

FORMAT = "format"
NEWEST = 1


def known(value: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    """The object itself. Raises: UnknownFormat, if it is of a newer format than this code knows."""
    number = value.get(FORMAT, NEWEST)
    if isinstance(number, Mapping):
        number = int(number["N"])
    if type(number) is not int or number > NEWEST:
        raise UnknownFormat(
            f"{what} is of format {number!r}, and this version knows {NEWEST}: "
            "deploy the version that wrote it here too"
        )
    return value
