"""What people see who follow a link to unsubscribe; in English, as a link names no language."""

from __future__ import annotations

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ margin: 0; background: #f2f4f3; color: #1d2b27; font: 16px/1.5 Helvetica, Arial, sans-serif; }}
main {{ max-width: 28rem; margin: 15vh auto 0; padding: 2rem; background: #fff; border-radius: 12px; }}
h1 {{ margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.3; }}
button {{ margin-top: 1rem; padding: .75rem 1.25rem; border: 0; border-radius: 6px; background: #0b7a5c;
  color: #fff; font: inherit; font-weight: bold; cursor: pointer; }}
</style>
</head>
<body><main><h1>{title}</h1><p>{text}</p>{form}</main></body>
</html>
"""
_FORM = '<form method="post"><button type="submit">Unsubscribe</button></form>'
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"


def question() -> str:
    """A link is only followed, also by programs that look at mails: it takes a click to unsubscribe."""
    text = "You will get no more recommendations by e-mail. In the app nothing changes."
    return _PAGE.format(title="Unsubscribe?", text=text, form=_FORM)


def done() -> str:
    text = "You get no more recommendations by e-mail. In the app nothing changes."
    return _PAGE.format(title="You are unsubscribed", text=text, form="")


def invalid() -> str:
    text = "Please copy the whole link from the e-mail, or change your settings in the app."
    return _PAGE.format(title="This link does not work", text=text, form="")
