"""Access keys of this cloud, as signatures are verified by them."""

from collections.abc import Iterator, Mapping

from local_cloud.ground.settings import Settings
from local_cloud.judge.callers import Caller, Callers
from personalize_server.server.signatures import AccessKey


class KeyRing(Mapping[str, AccessKey]):
    """By access key id; looked up when asked for, since keys come and go."""

    def __init__(self, settings: Settings) -> None:
        self._account = settings.account
        self._callers = Callers(settings)

    def __getitem__(self, key_id: str) -> AccessKey:
        return AccessKey(self.caller(key_id).secret, self._account)

    def caller(self, key_id: str) -> Caller:
        """Whose key it is. Raises: KeyError."""
        try:
            return self._callers.find(key_id)
        except LookupError:
            raise KeyError(key_id) from None

    def __iter__(self) -> Iterator[str]:
        yield from self._callers.key_ids()

    def __len__(self) -> int:
        return sum(1 for _ in self)
