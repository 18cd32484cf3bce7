"""Who may be told: a row of recipients.csv, and the line of a shard that it becomes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

COLUMNS = (
    "USER_ID",
    "EMAIL",
    "LANGUAGE",
    "IN_APP_CONSENT",
    "PUSH_CONSENT",
    "EMAIL_CONSENT",
    "QUIET",
    "ENGAGED",
    "OWN_ITEMS",
)
# One address, without comments, quotes and lists; what SES would refuse, or take for more than one.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """email: none if unknown or not an address. engaged: busy with something of what is recommended, which
    nobody is reminded of by e-mail. own: items never to be recommended.

    suppressed: the address is on the account's suppression list. experiment: the version by which the person
    was assigned to an arm. variant, generation: whose list is due, if not the run's own.
    """

    user: str
    email: str | None
    language: str
    in_app: bool
    push: bool
    emails: bool
    quiet: bool
    engaged: bool
    own: tuple[str, ...]
    suppressed: bool = False
    experiment: int | None = None
    variant: str | None = None
    generation: str | None = None

    @classmethod
    def of_row(cls, row: Sequence[str], suppressed: frozenset[str]) -> Recipient:
        """row: in the order of COLUMNS. Whatever is not plainly `yes` is no consent; QUIET unless `no`."""
        user, email, language, in_app, push, emails, quiet, active, own = row
        address = email if len(email) <= 320 and _ADDRESS.fullmatch(email) else None
        return cls(
            user=user,
            email=address,
            language=language.strip().lower()[:2],
            in_app=in_app == "yes",
            push=push == "yes",
            emails=emails == "yes",
            quiet=quiet != "no",
            engaged=active != "no",
            own=tuple(filter(None, own.split("|"))),
            suppressed=address is not None and address.lower() in suppressed,
        )

    @classmethod
    def of_line(cls, line: dict[str, Any]) -> Recipient:
        """Leaves alone what a newer version has added, and reads what an older one has begun a run with."""
        if "active_program" in line:
            line = {"engaged": line["active_program"], **line}
        given = {member.name: line[member.name] for member in fields(cls) if member.name in line}
        return cls(**{**given, "own": tuple(line["own"])})

    def as_line(self) -> dict[str, Any]:
        unassigned = ("experiment", "variant", "generation")
        return {
            name: value for name, value in asdict(self).items() if value is not None or name not in unassigned
        }
