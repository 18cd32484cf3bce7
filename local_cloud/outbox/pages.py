"""E-mails as pages for the browser."""

import html
from collections.abc import Sequence
from pathlib import Path

from local_cloud.outbox.store import Email

PAGES = "html"


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
