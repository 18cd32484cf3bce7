"""What notifies: the table of inboxes and devices, e-mail, a workflow and a schedule per notification."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.construct_id import construct_id_of
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.ground.schedule import TrainingSchedule, TrainingScheduleProps
from constructs.notifications.alarms import NotificationAlarms, NotificationAlarmsProps
from constructs.notifications.emails import (
    NotificationEmails,
    SendingDomain,
)
from constructs.notifications.functions import NotificationFunctions, NotificationFunctionsProps
from constructs.notifications.unsent import UnsentEmails, UnsentEmailsProps
from constructs.notifications.unsubscribe_secret import UnsubscribeSecret, UnsubscribeSecretProps
from constructs.notifications.workflow import NotificationWorkflow, NotificationWorkflowProps
from constructs.storage.item_table import ItemTable, ItemTableProps

from config.derived.names import api_address_parameter, notifications_table_name, unsubscribe_secret_name
from config.derived.switching import schedule_name, schedule_role_path
from config.derived.tables import NOTIFICATIONS
from config.schema import Notification, Notifying, StageConfig, UseCase
from stacks.data import DataStack
from stacks.props.function_environment import step_environment
from stacks.props.notifications import (
    notification_emails_props,
    notification_name,
    notification_states_props,
)
from stacks.training import TrainingStack


class NotificationsStack(cdk.Stack):
    """notifying: how the stage notifies; it is an error to make this stack for one that does not."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        notifying: Notifying,
        notifications: Sequence[Notification],
        use_cases: Sequence[UseCase],
        data: DataStack,
        training: TrainingStack,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: notifications",
            termination_protection=stage.protected,
        )
        self._stage, self._notifying = stage, notifying
        copied = data.active.regions[0] != stage.region
        self._variants = {one.name: tuple(variant.name for variant in one.variants) for one in use_cases}
        # Of the same shape as the serving table: pk, sk, expiry, a replica in every region.
        self.table = ItemTable(
            self,
            "Table",
            ItemTableProps(
                name=notifications_table_name(stage.name),
                replica_regions=stage.other_regions,
                retain=stage.keeps_data,
                protected=stage.protected,
                recovery_days=NOTIFICATIONS.recovery_days(stage.backups),
                copied=copied,
            ),
        )
        self.secret = UnsubscribeSecret(
            self,
            "Unsubscribing",
            UnsubscribeSecretProps(
                name=unsubscribe_secret_name(stage.name),
                replica_regions=stage.other_regions,
                retain=stage.keeps_data,
                copied=copied,
            ),
        )
        if notifying.sender and notifying.sender.creates_identity:
            domain = SendingDomain(self, "SendingDomain", notifying.sender.domain)
            for number, record in enumerate(domain.dkim_records, start=1):
                cdk.CfnOutput(
                    self,
                    f"DkimRecord{number}",
                    value=record,
                    description=f"To be set in the DNS of {notifying.sender.domain}: no e-mail leaves before",
                )
        self._emails = {
            notification.name: NotificationEmails(
                self,
                f"{construct_id_of(notification.name)}Emails",
                notification_emails_props(stage, notification, notifying.sender),
            )
            for notification in notifications
            if notifying.sender
        }
        self.functions = NotificationFunctions(
            self,
            "Steps",
            NotificationFunctionsProps(
                environment=step_environment(stage),
                data=data.bucket,
                lists=data.active,
                topic=training.topic,
                table=self.table,
                secret=self.secret,
                api_address_parameter=api_address_parameter(stage.name),
                emails=tuple(self._emails.values()),
                push_applications=tuple(application.arn for application in notifying.push),
                retain_logs=stage.keeps_data,
            ),
        )
        self.dead_letters = DeadLetters(self, "DeadLetters")
        unsent = self._unsent()
        self.workflows = {n.name: self._workflow(n, data, training) for n in notifications}
        NotificationAlarms(
            self,
            "Alarms",
            NotificationAlarmsProps(
                workflows=tuple(self.workflows.values()),
                functions=self.functions.all,
                dead_letters=self.dead_letters.queue,
                unsent=unsent.queue if unsent else None,
                metrics=PipelineMetrics(stage.name),
                topic=training.topic.topic,
            ),
        )
        cdk.CfnOutput(
            self,
            "NotificationsTableName",
            value=self.table.name,
            description="Inboxes, devices, and who was told of what in which week",
        )

    def _unsent(self) -> UnsentEmails | None:
        if not self._emails:
            return None
        sets = tuple(emails.configuration_set for emails in self._emails.values())
        props = UnsentEmailsProps(configuration_sets=sets, dead_letters=self.dead_letters)
        return UnsentEmails(self, "UnsentEmails", props)

    def _workflow(
        self, notification: Notification, data: DataStack, training: TrainingStack
    ) -> NotificationWorkflow:
        name = construct_id_of(notification.name)
        variant, *others = self._variants[notification.use_case]
        workflow = NotificationWorkflow(
            self,
            name,
            NotificationWorkflowProps(
                name=notification_name(self._stage, notification),
                states=notification_states_props(
                    notification,
                    self._notifying,
                    self._emails.get(notification.name),
                    variant=variant,
                    others=tuple(others),
                ),
                functions=self.functions,
                extract=training.functions.extract_dataset,
                data=data.bucket,
                dead_letters=self.dead_letters,
                retain_logs=self._stage.keeps_data,
            ),
        )
        TrainingSchedule(
            self,
            f"{name}Schedule",
            TrainingScheduleProps(
                state_machine=workflow.state_machine,
                expression=self._notifying.expression,
                time_zone=self._notifying.time_zone,
                description=f"Notifies: {notification.name}",
                dead_letters=self.dead_letters,
                payload={"trigger": "schedule"},
                enabled=self._notifying.enabled,
                name=schedule_name(notification_name(self._stage, notification)),
                role_path=schedule_role_path(self._stage.name, self._stage.region),
            ),
        )
        cdk.CfnOutput(
            self,
            f"{name}WorkflowArn",
            value=workflow.arn,
            description=f'State machine of {notification.name}; input {{}} or {{"dryRun": true}}',
        )
        return workflow
