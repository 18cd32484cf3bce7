"""The files of a new notification: in the app, as a push message and by e-mail, in English."""

from collections.abc import Mapping

_NOTIFICATION = '''\
"""Who hears of what once a week, in which words."""

from pathlib import Path

from config.schema import Language, Notification

HERE = Path(__file__).parent

NOTIFICATION = Notification(
    name="{name}",
    description="Say here who hears of what",
    use_case="{use_case}",
    recipients=HERE / "recipients.sql",
    items=HERE / "items.sql",
    languages={{
        "en": Language(
            push_title="For you this week",
            push_body="{{title}}: have a look!",
            inbox_title="For you this week",
            inbox_body="We think that you will like “{{title}}”.",
            subject="For you this week",
            html=HERE / "email" / "en.html",
            text=HERE / "email" / "en.txt",
        ),
    }},
    default_language="en",
    item_url="https://app.example.com/items/{{item}}",
)
'''
_RECIPIENTS = """\
SELECT users.id::text                                                   AS "USER_ID",
       users.email                                                      AS "EMAIL",
       users.language                                                   AS "LANGUAGE",
       CASE WHEN users.agrees_to_inbox THEN 'yes' ELSE 'no' END         AS "IN_APP_CONSENT",
       CASE WHEN users.agrees_to_push THEN 'yes' ELSE 'no' END          AS "PUSH_CONSENT",
       CASE WHEN users.agrees_to_email THEN 'yes' ELSE 'no' END         AS "EMAIL_CONSENT",
       CASE WHEN users.wants_quiet THEN 'yes' ELSE 'no' END             AS "QUIET",
       'no'                                                             AS "ENGAGED",
       (SELECT string_agg(DISTINCT events.item_id::text, '|')
        FROM your_schema.your_events AS events
        WHERE events.user_id = users.id AND events.event_type = 'buy')  AS "OWN_ITEMS"
FROM your_schema.your_users AS users
ORDER BY users.id
"""
_ITEMS = """\
SELECT id::text AS "ITEM_ID",
       title    AS "TITLE"
FROM your_schema.your_items
ORDER BY id
"""
_TEXT = """\
Hello,

we think that you will like these:
{{#each items}}
{{number}}. {{title}}
   {{url}}
{{/each}}

You get this e-mail because you agreed to recommendations by e-mail.
Unsubscribe: {{unsubscribeUrl}}
"""
_HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>For you this week</title>
</head>
<body style="margin:0;padding:24px;font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;">
<h1 style="font-size:24px;line-height:32px;">We think that you will like these</h1>
{{#each items}}
<p>{{number}}. <a href="{{url}}">{{{titleHtml}}}</a></p>
{{/each}}
<p style="font-size:12px;line-height:18px;">
You get this e-mail because you agreed to recommendations by e-mail.<br>
<a href="{{unsubscribeUrl}}">Unsubscribe</a></p>
</body>
</html>
"""


def files(name: str, use_case: str) -> Mapping[str, str]:
    """Texts by path in its folder. use_case: by its name."""
    return {
        "notification.py": _NOTIFICATION.format(name=name, use_case=use_case),
        "recipients.sql": _RECIPIENTS,
        "items.sql": _ITEMS,
        "email/en.txt": _TEXT,
        "email/en.html": _HTML,
    }
