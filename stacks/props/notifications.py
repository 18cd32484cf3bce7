"""A notification of the configuration as props: its workflow's states, its e-mails, their names."""

from constructs.notifications.emails import NotificationEmails, NotificationEmailsProps, TemplateProps
from constructs.notifications.states_props import EmailProps, NotificationStatesProps
from constructs.workflow.dataset_source import DatasetSource

from config.derived.names import name_in
from config.schema import EmailSender, Notification, Notifying, StageConfig


def notification_name(stage: StageConfig, notification: Notification) -> str:
    """Of its state machine, and the beginning of its templates' names."""
    return name_in(stage.name, notification.name)


def notification_emails_props(
    stage: StageConfig, notification: Notification, sender: EmailSender
) -> NotificationEmailsProps:
    return NotificationEmailsProps(
        domain=sender.domain,
        sender=_from(sender),
        templates={
            code: TemplateProps(
                name=f"{notification_name(stage, notification)}-{code}",
                subject=language.subject,
                html=language.html.read_text(encoding="utf-8"),
                text=language.text.read_text(encoding="utf-8"),
            )
            for code, language in notification.languages.items()
        },
    )


def notification_states_props(
    notification: Notification,
    notifying: Notifying,
    emails: NotificationEmails | None,
    *,
    variant: str,
    others: tuple[str, ...] = (),
) -> NotificationStatesProps:
    sources = {
        name: DatasetSource(
            name=name,
            query=dataset.query,
            columns=tuple(column.as_json() for column in dataset.columns),
        )
        for name, dataset in notification.datasets.items()
    }
    return NotificationStatesProps(
        notification=notification.name,
        use_case=notification.use_case,
        variant=variant,
        others=others,
        time_zone=notifying.time_zone,
        dry_run=notifying.dry_run,
        recipients=sources["recipients"],
        items=sources["items"],
        languages={
            code: {
                "pushTitle": language.push_title,
                "pushBody": language.push_body,
                "inboxTitle": language.inbox_title,
                "inboxBody": language.inbox_body,
            }
            for code, language in notification.languages.items()
        },
        default_language=notification.default_language,
        has_push=bool(notifying.push),
        email=EmailProps(
            sender=emails.sender,
            configuration_set=emails.configuration_set,
            templates=emails.template_names,
        )
        if emails
        else None,
        email_items=notification.email_items,
        item_url=notification.item_url,
        users_per_shard=notification.users_per_shard,
        concurrency=notification.concurrency,
        inbox_days=notification.inbox_days,
    )


def _from(sender: EmailSender) -> str:
    return f'"{sender.name}" <{sender.address}>'
