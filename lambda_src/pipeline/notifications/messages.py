"""The words that a user gets: an entry of the inbox, a push message, an e-mail's data."""

from __future__ import annotations

import html
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from pipeline.notifications.recipients import Recipient
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
    """What messages are made of. titles: by item id. item_url: with `{item}` in it. experiment: the version
    by which the person was assigned to an arm.
    """

    notification: str
    use_case: str
    variant: str
    generation: str
    entry: str
    titles: Mapping[str, str]
    item_url: str
    languages: Mapping[str, Language]
    default_language: str
    experiment: int | None = None

    def to(self, recipient: Recipient) -> Content:
        """Of the list that was due to them."""
        return replace(
            self,
            variant=recipient.variant or self.variant,
            generation=recipient.generation or self.generation,
            experiment=recipient.experiment,
        )

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
            **({"experiment": str(self.experiment)} if self.experiment is not None else {}),
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


LARGEST_PUSH = 4000
"""Bytes; FCM and APNs take 4,096 of one message, and SNS adds the device's token."""


class MessageTooLarge(ValueError):
    """What an app needs to open an item is larger than a push message may be, without any words."""


@dataclass(frozen=True)
class PushMessage:
    """text: as SNS takes it. cut: whether words are missing at the end."""

    text: str
    cut: bool


def push_message(content: Content, language: Language, item: str) -> PushMessage:
    """Cut, title and body to the same length, until it fits. Raises: MessageTooLarge."""
    title = content.titles[item]
    head, body = _filled(language.push_title, title), _filled(language.push_body, title)
    data = content.about(item)
    whole = _platforms(head, body, data)
    if _size(whole) <= LARGEST_PUSH:
        return PushMessage(_in_json(whole), cut=False)

    def cut(length: int) -> dict[str, Any]:
        return _platforms(_cut(head, length), _cut(body, length), data)

    lengths = range(max(len(head), len(body)))
    fitting = lengths[: bisect_right(lengths, LARGEST_PUSH, key=lambda length: _size(cut(length)))]
    if not fitting:
        raise MessageTooLarge(f"the push message of item {item!r} has more than {LARGEST_PUSH} bytes of data")
    return PushMessage(_in_json(cut(fitting[-1])), cut=True)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "…"


def _size(platforms: Mapping[str, Any]) -> int:
    """Of the larger one, in bytes, without what surrounds the message of FCM."""
    messages = (platforms["GCM"]["fcmV1Message"]["message"], platforms["APNS"])
    return max(len(json.dumps(message, ensure_ascii=False).encode()) for message in messages)


def _platforms(head: str, body: str, data: Mapping[str, str]) -> dict[str, Any]:
    """What each platform gets. FCM: HTTP v1."""
    message = {"notification": {"title": head, "body": body}, "data": dict(data)}
    ios = {"aps": {"alert": {"title": head, "body": body}}, **data}
    return {
        "default": f"{head}: {body}",
        "GCM": {"fcmV1Message": {"message": message}},
        "APNS": ios,
        "APNS_SANDBOX": ios,
    }


def _in_json(platforms: Mapping[str, Any]) -> str:
    """A JSON text per platform, in JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in platforms.items()
    }
    return json.dumps(texts, ensure_ascii=False)


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
