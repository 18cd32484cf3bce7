"""The outbox for people: text for the terminal and JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from local_cloud.outbox.store import Email, Push


def chosen(
    emails: Sequence[Email], pushes: Sequence[Push], *, to: str | None, last: int | None
) -> tuple[list[Email], list[Push]]:
    """to: the whole address of an e-mail, in any case, or the token of a push message; None: to anybody.
    last: so many, the newest of both kinds together; None: all.
    """
    mails = [one for one in emails if to is None or one.to.lower() == to.lower()]
    told = [one for one in pushes if to in (None, one.token)]
    if last is not None:
        both: list[Email | Push] = [*mails, *told]
        every = sorted(both, key=lambda one: one.sent_at)
        kept = every[max(len(every) - last, 0) :]
        mails, told = [one for one in mails if one in kept], [one for one in told if one in kept]
    return mails, told


def as_text(emails: Sequence[Email], pushes: Sequence[Push], pages: Sequence[Path]) -> Iterator[str]:
    """`pages`: where the e-mails were written as HTML, in their order."""
    for email, page in zip(emails, pages, strict=True):
        yield f"{email.sent_at}  e-mail to {email.to}"
        yield f"  {email.subject}"
        yield from (f"  {name}: {value}" for name, value in email.headers.items())
        yield from (f"    {line}" for line in email.text.strip().splitlines())
        yield f"  {page}"
    for push in pushes:
        yield f"{push.sent_at}  push to {push.platform} {push.token}"
        yield from (f"    {line}" for line in _pretty(push.message).splitlines())
    yield f"{_count(len(emails), 'e-mail')}, {_count(len(pushes), 'push message')}"


def as_json(emails: Sequence[Email], pushes: Sequence[Push]) -> str:
    document = {"emails": [asdict(each) for each in emails], "pushes": [asdict(each) for each in pushes]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _pretty(message: str) -> str:
    try:
        return json.dumps(json.loads(message), indent=2, ensure_ascii=False)
    except ValueError:
        return message


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
