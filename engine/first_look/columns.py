"""What the columns of a file mean, by their names."""

import re
from collections.abc import Mapping, Sequence

from engine.ground.errors import DataError

_PLAIN = re.compile(r"[^a-z0-9]")
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "USER_ID": (
        *("userid", "user", "customerid", "customer", "memberid", "member", "personid", "person"),
        *("accountid", "account", "clientid", "client", "visitorid", "visitor", "reviewerid", "profileid"),
        *("uid", "sessionid", "session"),
    ),
    "ITEM_ID": (
        *("itemid", "item", "productid", "product", "sku", "articleid", "article", "programid", "program"),
        *("postid", "post", "contentid", "content", "movieid", "movie", "bookid", "book", "isbn", "asin"),
        *("trackid", "track", "songid", "song", "videoid", "video", "stockcode", "iid"),
    ),
    "TIMESTAMP": (
        *("timestamp", "time", "ts", "datetime", "date", "occurredat", "createdat", "eventtime", "at"),
        *("when", "unixtime", "unixreviewtime", "ratedat", "invoicedate", "orderdate", "viewedat"),
    ),
    "EVENT_TYPE": ("eventtype", "event", "type", "kind", "action", "activity", "behavior", "behaviour"),
    "EVENT_VALUE": ("eventvalue", "value", "rating", "stars", "score", "overall"),
    "CREATION_TIMESTAMP": ("creationtimestamp", "createdat", "created", "publishedat", "listedat"),
}
"""names without case and punctuation, the likeliest first"""
TITLES = ("title", "name", "headline", "description")
"""how a name ends that says what an item is called, the likeliest first"""
ROLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "interactions": (("USER_ID", "ITEM_ID", "TIMESTAMP"), ("EVENT_TYPE", "EVENT_VALUE")),
    "items": (("ITEM_ID",), ("CREATION_TIMESTAMP",)),
    "users": (("USER_ID",), ()),
}
"""what a file of each role needs, and what it may have besides"""


def plain(name: str) -> str:
    """Without case, punctuation and a type behind a colon, as RecBole's files have it."""
    return _PLAIN.sub("", name.partition(":")[0].strip().lower())


def meanings(role: str, header: Sequence[str], chosen: Mapping[str, str], *, file: str) -> dict[str, int]:
    """The column of each meaning, by its place from 0.

    chosen: names of columns by meaning, which nothing has to be guessed of. In a file of items or people an
    only `id` is theirs. Raises: DataError, with all that is missing or not clear.
    """
    needed, more = ROLES[role]
    names = [plain(name) for name in header]
    found: dict[str, int] = {}
    problems: list[str] = []
    for meaning in (*needed, *more):
        if meaning in chosen:
            places = [at for at, name in enumerate(header) if name.strip() == chosen[meaning]]
            if not places and meaning not in needed:
                continue
            if len(places) != 1:
                problems.append(f"{len(places)} columns are called {chosen[meaning]!r}, given as {meaning}")
        else:
            places = _guessed(names, meaning)
            if not places and meaning in needed and role != "interactions" and names.count("id") == 1:
                places = [names.index("id")]
            if not places and meaning in needed:
                problems.append(f"no column looks like {meaning}: --column {meaning}=NAME says which it is")
        if places:
            found[meaning] = places[0]
    if problems:
        raise DataError(f"{file}: {'; '.join(problems)}; it has {', '.join(header) or 'no columns'}")
    return found


def title_of(header: Sequence[str]) -> int | None:
    """The column that says what an item is called; None: there is none."""
    names = [plain(name) for name in header]
    fitting = (at for title in TITLES for at, name in enumerate(names) if name.endswith(title))
    return next(fitting, None)


def _guessed(names: Sequence[str], meaning: str) -> list[int]:
    return [names.index(likely) for likely in MEANINGS[meaning] if likely in names][:1]
