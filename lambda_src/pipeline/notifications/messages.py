"""The words that a user gets: an entry of the inbox, a push message, an e-mail's data."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pipeline.notifications.table import Attributes, inbox_sk, key, user_pk
from pipeline.times import iso


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of one language; template: the name of its e-mail in SES, if e-mails are sent."""

    push_title: str
    push_body: str
    inbox_title: str
    inbox_body: str
    template: str | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """What messages are made of. titles: by item id. item_url: with `{item}` in it."""

    notification: str
    use_case: str
    variant: str
    generation: str
    entry: str
    titles: Mapping[str, str]
    item_url: str
    languages: Mapping[str, Language]
    default_language: str

    def language(self, code: str) -> Language:
        return self.languages.get(code) or self.languages[self.default_language]

    def url(self, item: str) -> str:
        return self.item_url.replace("{item}", quote(item, safe=""))

    def about(self, item: str) -> dict[str, str]:
        """What the app needs to open the item, and to tell what became of the recommendation."""
        return {
            "notification": self.notification,
            "entryId": self.entry,
            "useCase": self.use_case,
            "variant": self.variant,
            "generation": self.generation,
            "itemId": item,
            "url": self.url(item),
        }


def _filled(text: str, title: str) -> str:
    return text.replace("{title}", title)


def inbox_entry(
    content: Content, user: str, language: Language, item: str, *, now: float, expires: int
) -> Attributes:
    title = content.titles[item]
    texts = {
        **content.about(item),
        "title": _filled(language.inbox_title, title),
        "body": _filled(language.inbox_body, title),
        "createdAt": iso(now),
    }
    return {
        **key(user_pk(user), inbox_sk(content.entry)),
        **{name: {"S": text} for name, text in texts.items()},
        "expires": {"N": str(expires)},
    }


def push_message(content: Content, language: Language, item: str) -> str:
    """As SNS takes it: a JSON text per platform, in JSON. FCM: HTTP v1."""
    title = content.titles[item]
    head, body = _filled(language.push_title, title), _filled(language.push_body, title)
    data = content.about(item)
    android = {"fcmV1Message": {"message": {"notification": {"title": head, "body": body}, "data": data}}}
    ios = json.dumps({"aps": {"alert": {"title": head, "body": body}}, **data}, ensure_ascii=False)
    return json.dumps(
        {
            "default": f"{head}: {body}",
            "GCM": json.dumps(android, ensure_ascii=False),
            "APNS": ios,
            "APNS_SANDBOX": ios,
        },
        ensure_ascii=False,
    )


def email_data(content: Content, items: Sequence[str], unsubscribe_url: str) -> dict[str, Any]:
    """SES puts values into HTML as they are: what is shown there is escaped here."""
    return {
        "items": [
            {
                "number": number,
                "title": content.titles[item],
                "titleHtml": html.escape(content.titles[item]),
                "url": content.url(item),
            }
            for number, item in enumerate(items, start=1)
        ],
        "unsubscribeUrl": unsubscribe_url,
    }
