"""The outbox for people: text for the terminal, JSON for programs, e-mails as pages for the browser."""

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from local_cloud.outbox.store import Email, Push

PAGES = "html"


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


def write_pages(folder: Path, emails: Sequence[Email]) -> list[Path]:
    """An HTML file for each e-mail, as its recipient would see it below its headers."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, email in enumerate(emails, start=1):
        path = folder / f"{number:05}.html"
        path.write_text(_page(email))
        paths.append(path)
    return paths


def _page(email: Email) -> str:
    headers = {"From": email.sender, "To": email.to, "Subject": email.subject, "Sent": email.sent_at}
    shown = {**headers, **email.headers}
    rows = "".join(
        f"<tr><th align=left>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in shown.items()
        if value
    )
    body = email.html or f"<pre>{html.escape(email.text)}</pre>"
    title = html.escape(email.subject)
    head = f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
    # In a frame of its own that runs no scripts: an e-mail's styles must not reach the headers above it.
    frame = f'<iframe sandbox srcdoc="{html.escape(body)}" style="width:100%;height:80vh;border:0"></iframe>'
    return f"{head}<body><table>{rows}</table><hr>{frame}</body></html>\n"


def _pretty(message: str) -> str:
    try:
        return json.dumps(json.loads(message), indent=2, ensure_ascii=False)
    except ValueError:
        return message


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
