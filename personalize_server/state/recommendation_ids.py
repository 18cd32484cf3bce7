"""The ids of recommendations, which say themselves what campaign or recommender they are of."""

import random
import re
from collections.abc import Callable
from hashlib import blake2b

from personalize_server.state.store import Store

_ID = re.compile(r"RID-(?P<content>[0-9a-f]{20}-(?P<number>[0-9a-f]{8}))-(?P<signature>[0-9a-f]{6})")
"""40 characters, the most that PutEvents takes"""


class RecommendationIds:
    """`RID-<80 random bits>-<number>-<signature>`, in hexadecimal digits.

    The number is that of the ARN in the table of what has ever recommended, so that an id can still be
    attributed when its campaign has gone. The signature, by a key of the state, tells ids of this server
    from any other text; with 24 bits it guards against mix-ups, not against forgers, who may name any source
    in an event anyway.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._random = random.Random()
        self._key: bytes = store.query("SELECT value FROM recommendation_key")[0][0]
        self._numbers: dict[str, int] = {}
        self._arns: dict[int, str] = {}

    def new(self, arn: str) -> str:
        """For an answer of this campaign or recommender."""
        number = self._numbers.get(arn)
        if number is None:
            number = self._store.query("SELECT number FROM recommending WHERE arn = ?", arn)[0][0]
            self._numbers[arn] = number
        content = f"{self._random.getrandbits(80):020x}-{number:08x}"
        return f"RID-{content}-{self._signature(content)}"

    def arn(self, recommendation_id: str) -> str | None:
        """Whose answer it was; None: not one of this server's ids."""
        match = _ID.fullmatch(recommendation_id)
        if match is None or self._signature(match["content"]) != match["signature"]:
            return None
        number = int(match["number"], 16)
        if number not in self._arns:
            found = self._store.query("SELECT arn FROM recommending WHERE number = ?", number)
            if not found:
                return None
            self._arns[number] = found[0][0]
        return self._arns[number]

    def _signature(self, content: str) -> str:
        return blake2b(content.encode(), key=self._key, digest_size=3).hexdigest()


def source_of(ids: RecommendationIds, observer: str) -> Callable[[str], str | None]:
    """The ARN behind a recommendation id, if it is of the account and region of the ARN that observes."""
    whose = observer.split(":")[3:5]

    def source(recommendation_id: str) -> str | None:
        arn = ids.arn(recommendation_id)
        return arn if arn is not None and arn.split(":")[3:5] == whose else None

    return source
