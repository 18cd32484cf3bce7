"""E-mails by Amazon SES: the sender's identity, the templates, and how bounces and complaints are kept."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ses as ses
from constructs import Construct
from constructs.ground.access import Access


@dataclass(frozen=True, kw_only=True)
class TemplateProps:
    """name: fixed, since messages are sent by it. html, text: bodies in SES's template language."""

    name: str
    subject: str
    html: str
    text: str


@dataclass(frozen=True, kw_only=True)
class NotificationEmailsProps:
    """domain: of the sender, an identity of the account. templates: by language."""

    domain: str
    sender: str
    templates: Mapping[str, TemplateProps]


class SendingDomain(Construct):
    """The identity that all e-mails of a stage come from: no single notification's, as any may go.

    SES verifies it once its records are in the domain's DNS.
    """

    def __init__(self, scope: Construct, construct_id: str, domain: str) -> None:
        super().__init__(scope, construct_id)
        identity = ses.CfnEmailIdentity(self, "Identity", email_identity=domain)
        self.dkim_records = tuple(
            f"{name} CNAME {value}"
            for name, value in (
                (identity.attr_dkim_dns_token_name1, identity.attr_dkim_dns_token_value1),
                (identity.attr_dkim_dns_token_name2, identity.attr_dkim_dns_token_value2),
                (identity.attr_dkim_dns_token_name3, identity.attr_dkim_dns_token_value3),
            )
        )


class NotificationEmails(Construct):
    """Addresses that bounce or complain go onto the account's suppression list, and get nothing more."""

    def __init__(self, scope: Construct, construct_id: str, props: NotificationEmailsProps) -> None:
        super().__init__(scope, construct_id)
        self.sender = props.sender
        self.template_names = {language: template.name for language, template in props.templates.items()}
        self._domain = props.domain
        self._set = ses.CfnConfigurationSet(
            self,
            "Settings",
            suppression_options=ses.CfnConfigurationSet.SuppressionOptionsProperty(
                suppressed_reasons=["BOUNCE", "COMPLAINT"]
            ),
            delivery_options=ses.CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="REQUIRE"),
            reputation_options=ses.CfnConfigurationSet.ReputationOptionsProperty(
                reputation_metrics_enabled=True
            ),
        )
        for language, template in props.templates.items():
            ses.CfnTemplate(
                self,
                f"Template{language.capitalize()}",
                template=ses.CfnTemplate.TemplateProperty(
                    template_name=template.name,
                    subject_part=template.subject,
                    html_part=template.html,
                    text_part=template.text,
                ),
            )

    @property
    def configuration_set(self) -> str:
        return self._set.ref

    @property
    def sending(self) -> Access:
        """What a role needs to send: from this domain, with these templates and settings."""
        return Access(
            # SES's second API checks actions of its first one underneath, known of SendRawEmail and
            # SendBulkTemplatedEmail (django-anymail, "IAM permissions"); this is the one for a template.
            actions=("ses:SendEmail", "ses:SendTemplatedEmail"),
            resources=(
                self._arn("identity", self._domain),
                self._arn("configuration-set", self.configuration_set),
                *(self._arn("template", name) for name in self.template_names.values()),
            ),
        )

    def _arn(self, resource: str, name: str) -> str:
        return cdk.Stack.of(self).format_arn(service="ses", resource=resource, resource_name=name)
