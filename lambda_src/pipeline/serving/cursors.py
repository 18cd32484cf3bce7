"""Where a reader is in a list: whose, which generation, and what was shown already.

What was shown is kept as short hashes in the cursor itself, not as a position: whichever source answers the
next page, nothing comes twice. Two ids of a list of 500 share a hash of 48 bits once in two billion lists.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from hashlib import blake2b

from pipeline.http.problems import Mistake, bad_request

_HASH_BYTES = 6
_LONGEST = 8000
_VERSION = 1
_NOT_OURS = "is not a cursor of this list: take nextCursor of its last answer, or start without one"


def fingerprint(id_: str) -> bytes:
    return blake2b(id_.encode(), digest_size=_HASH_BYTES).digest()


@dataclass(frozen=True)
class Cursor:
    """variant: whose list it is; None for the default variant's. generation: None if the first page knew
    none. shown: fingerprints. count: items of all pages so far. catalogue: how far the catalogue was read;
    None while better matches are left.
    """

    use_case: str
    generation: str | None = None
    shown: frozenset[bytes] = frozenset()
    count: int = 0
    catalogue: int | None = None
    variant: str | None = None

    def encode(self) -> str:
        """One of the default variant is as cursors were before there were several."""
        members = [_VERSION, self.use_case, self.generation, self.count, self.catalogue]
        head = json.dumps(
            members if self.variant is None else [*members, self.variant], separators=(",", ":")
        )
        raw = head.encode() + b"\n" + b"".join(sorted(self.shown))
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str, use_case: str, *, directory: bool) -> Cursor:
        """directory: whether the list goes on with a catalogue. Raises: BadRequest, for anything but a cursor
        of this list.
        """
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            head, _, shown = raw.partition(b"\n")
            version, of, generation, count, catalogue, *rest = json.loads(head)
            [variant] = rest or [None]
            if (version, of) != (_VERSION, use_case) or len(shown) % _HASH_BYTES:
                raise ValueError("of another list")
            if not _is_count(count) or not (catalogue is None or _is_count(catalogue)):
                raise ValueError("no counts")
            if not (generation is None or (isinstance(generation, str) and 0 < len(generation) <= 64)):
                raise ValueError("no generation")
            if not (variant is None or (isinstance(variant, str) and 0 < len(variant) <= 64)):
                raise ValueError("no variant")
            if catalogue is not None and not directory:
                raise ValueError("of a directory")
            f"{generation}{variant}".encode()  # what is no text of its own has no list either
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise bad_request([Mistake("query.cursor", _NOT_OURS)]) from None
        prints = (shown[start : start + _HASH_BYTES] for start in range(0, len(shown), _HASH_BYTES))
        return cls(of, generation, frozenset(prints), count, catalogue, variant)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 10**9
