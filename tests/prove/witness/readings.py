"""What services say of the resources of our stacks, asked through boto3: one function for each type.

What is read with another (policies with their role, routes with their API) has no function of its own.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

Clients = Callable[[str], Any]
Reading = Callable[[Clients, str], Any]
_ABSENT = (
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchTagSet",
    "ResourceNotFoundException",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "NoSuchPublicAccessBlockConfiguration",
)


def _unless_absent(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except ClientError as problem:
        if problem.response["Error"]["Code"] in _ABSENT:
            return None
        raise


def _api(clients: Clients, name: str) -> Any:
    api = clients("apigatewayv2")
    return {
        "api": api.get_api(ApiId=name),
        "routes": api.get_routes(ApiId=name, MaxResults="500")["Items"],
        "integrations": api.get_integrations(ApiId=name, MaxResults="500")["Items"],
        "stages": api.get_stages(ApiId=name)["Items"],
    }


def _alarm(clients: Clients, name: str) -> Any:
    found = clients("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found[0] if found else None


def _table(clients: Clients, name: str) -> Any:
    dynamodb = clients("dynamodb")
    described = dynamodb.describe_table(TableName=name)["Table"]
    return {
        "table": described,
        "ttl": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "backups": dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"],
        "tags": dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"],
    }


def _rule(clients: Clients, name: str) -> Any:
    events = clients("events")
    name = name.rpartition("|")[2].rpartition("/")[2]
    return {
        "rule": events.describe_rule(Name=name),
        "targets": events.list_targets_by_rule(Rule=name)["Targets"],
    }


def _role(clients: Clients, name: str) -> Any:
    iam = clients("iam")
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "role": iam.get_role(RoleName=name)["Role"],
        "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        "inline": [iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in names],
    }


def _key(clients: Clients, name: str) -> Any:
    kms = clients("kms")
    return {
        "key": kms.describe_key(KeyId=name)["KeyMetadata"],
        "policy": kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"],
        "rotation": kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"],
        "tags": kms.list_resource_tags(KeyId=name)["Tags"],
    }


def _function(clients: Clients, name: str) -> Any:
    functions = clients("lambda")
    described = functions.get_function(FunctionName=name)
    return {
        "configuration": described["Configuration"],
        "tags": described.get("Tags"),
        "policy": _unless_absent(lambda: functions.get_policy(FunctionName=name)["Policy"]),
    }


def _layer(clients: Clients, arn: str) -> Any:
    _, _, rest = arn.partition(":layer:")
    name, _, version = rest.rpartition(":")
    return clients("lambda").get_layer_version(LayerName=name, VersionNumber=int(version))


def _log_group(clients: Clients, name: str) -> Any:
    logs = clients("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    [group] = [group for group in found if group["logGroupName"] == name]
    return {"group": group, "tags": logs.list_tags_log_group(logGroupName=name)["tags"]}


def _bucket(clients: Clients, name: str) -> Any:
    s3 = clients("s3")
    looks = (
        "encryption",
        "lifecycle_configuration",
        "logging",
        "notification_configuration",
        "ownership_controls",
        "policy",
        "tagging",
        "versioning",
    )
    read = {look: _unless_absent(partial(getattr(s3, f"get_bucket_{look}"), Bucket=name)) for look in looks}
    return {**read, "public": _unless_absent(lambda: s3.get_public_access_block(Bucket=name))}


def _configuration_set(clients: Clients, name: str) -> Any:
    ses = clients("sesv2")
    return {
        "set": ses.get_configuration_set(ConfigurationSetName=name),
        "destinations": ses.get_configuration_set_event_destinations(ConfigurationSetName=name)[
            "EventDestinations"
        ],
    }


def _topic(clients: Clients, arn: str) -> Any:
    sns = clients("sns")
    return {
        "attributes": sns.get_topic_attributes(TopicArn=arn)["Attributes"],
        "tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"],
        "subscriptions": sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"],
    }


def _queue(clients: Clients, url: str) -> Any:
    sqs = clients("sqs")
    return {
        "attributes": sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
        "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags"),
    }


def _machine(clients: Clients, arn: str) -> Any:
    states = clients("stepfunctions")
    return {
        "machine": states.describe_state_machine(stateMachineArn=arn),
        "tags": states.list_tags_for_resource(resourceArn=arn)["tags"],
    }


def _personalize(word: str, member: str) -> Reading:
    def read(clients: Clients, arn: str) -> Any:
        return getattr(clients("personalize"), f"describe_{word}")(**{f"{member}Arn": arn})[member]

    return read


READINGS: Mapping[str, Reading] = {
    "AWS::ApiGatewayV2::Api": _api,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": lambda clients, name: clients("cloudwatch").get_dashboard(
        DashboardName=name
    )["DashboardBody"],
    "AWS::DynamoDB::GlobalTable": _table,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Key": _key,
    "AWS::Lambda::EventSourceMapping": lambda clients, name: clients("lambda").get_event_source_mapping(
        UUID=name
    ),
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::LayerVersion": _layer,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::Personalize::Dataset": _personalize("dataset", "dataset"),
    "AWS::Personalize::DatasetGroup": _personalize("dataset_group", "datasetGroup"),
    "AWS::Personalize::EventTracker": _personalize("event_tracker", "eventTracker"),
    "AWS::Personalize::Filter": _personalize("filter", "filter"),
    "AWS::Personalize::Schema": _personalize("schema", "schema"),
    "AWS::Personalize::Solution": _personalize("solution", "solution"),
    "AWS::S3::Bucket": _bucket,
    "AWS::SES::ConfigurationSet": _configuration_set,
    "AWS::SES::EmailIdentity": lambda clients, name: clients("sesv2").get_email_identity(EmailIdentity=name),
    "AWS::SES::Template": lambda clients, name: clients("sesv2").get_email_template(TemplateName=name),
    "AWS::SNS::Subscription": lambda clients, arn: clients("sns").get_subscription_attributes(
        SubscriptionArn=arn
    )["Attributes"],
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::SSM::Parameter": lambda clients, name: clients("ssm").get_parameter(Name=name)["Parameter"],
    "AWS::Scheduler::Schedule": lambda clients, name: clients("scheduler").get_schedule(Name=name),
    "AWS::SecretsManager::Secret": lambda clients, arn: clients("secretsmanager").describe_secret(
        SecretId=arn
    ),
    "AWS::StepFunctions::StateMachine": _machine,
}
READ_WITH_ANOTHER = {
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::IAM::Policy",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "Custom::CampaignRemoval",
    "Custom::EmptyBucket",
    "Custom::SolutionSettings",
}
