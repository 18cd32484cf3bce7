"""Once a week: the training program to start next."""

from pathlib import Path

from config.schema import Language, Notification

HERE = Path(__file__).parent

NOTIFICATION = Notification(
    name="weekly_programs",
    description="The best training program that a user has not joined; three by e-mail to whom has none",
    use_case="training_programs",
    recipients=HERE / "recipients.sql",
    items=HERE / "items.sql",
    languages={
        "en": Language(
            push_title="Your program of the week",
            push_body="{title}: it suits you. Have a look!",
            inbox_title="Your program of the week",
            inbox_body="We think that “{title}” is right for you.",
            subject="Three training programs for you",
            html=HERE / "email" / "en.html",
            text=HERE / "email" / "en.txt",
        ),
        "de": Language(
            push_title="Dein Programm der Woche",
            push_body="{title}: Das passt zu dir. Schau es dir an!",
            inbox_title="Dein Programm der Woche",
            inbox_body="Wir glauben, dass „{title}“ zu dir passt.",
            subject="Drei Trainingsprogramme für dich",
            html=HERE / "email" / "de.html",
            text=HERE / "email" / "de.txt",
        ),
    },
    default_language="en",
    item_url="https://app.example.com/programs/{item}",
)
