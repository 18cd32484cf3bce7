"""Whether SQLite has taken in all of a write-ahead log (https://www.sqlite.org/fileformat2.html#walformat).

It stops at the first frame whose checksum is wrong, and says nothing: right for one that was being written
when the machine ended, wrong for one that was damaged later.
"""

import struct
from pathlib import Path

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_MAGIC = 0x377F0682
_MX_FRAME = slice(16, 20)
"""of the wal-index's header, in the machine's byte order"""


def lost_commits(log: Path, index: Path) -> int:
    """Transactions in the log that SQLite, which has read it and made its index, has not taken in.

    One may have been cut off by the machine's end, before it was acknowledged; more cannot, as each is synced
    before the next.
    """
    with log.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return 0
        _, _, page, _, *salts, _, _ = _HEADER.unpack(head)
        sound = _is_sound(head)
        if not 512 <= page <= 65_536:
            return 0 if sound else 2
        with index.open("rb") as made:
            [taken] = struct.unpack("=I", made.read(_MX_FRAME.stop)[_MX_FRAME])
        commits, number = 0, 0
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            _, size, *own = _FRAME.unpack(frame)[:4]
            if number == 0 and not sound:
                salts = own
            if own != salts:
                break
            number += 1
            commits += bool(size) and number > taken
            file.seek(page, 1)
    return commits if sound else commits + 1


def _is_sound(head: bytes) -> bool:
    """Has the header the checksum that it says?"""
    magic, *_, first, second = _HEADER.unpack(head)
    if magic & ~1 != _MAGIC:
        return False
    words = struct.unpack(f"{'>' if magic & 1 else '<'}6I", head[:24])
    one = two = 0
    for left, right in zip(words[::2], words[1::2], strict=True):
        one = (one + left + two) & 0xFFFFFFFF
        two = (two + right + one) & 0xFFFFFFFF
    return (one, two) == (first, second)
