"""What services say of a resource, given its id; None for what is gone."""

import json
from collections.abc import Callable
from typing import Any


def either(client: Any, look: Callable[[], Any], *gone: str) -> Any:
    """What look answers, None for the named errors."""
    try:
        return look()
    except client.exceptions.ClientError as problem:
        if problem.response["Error"]["Code"] in gone:
            return None
        raise


def topic(client: Any, arn: str) -> Any:
    def look() -> Any:
        listed = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
        tags = [tag for tag in listed if not tag["Key"].startswith("aws:")]
        return client.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"], tags

    return either(client, look, "NotFound", "ResourceNotFound")


def queue(client: Any, url: str) -> Any:
    def look() -> Any:
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        return answer["Attributes"]["VisibilityTimeout"], client.list_queue_tags(QueueUrl=url).get("Tags")

    return either(client, look, "AWS.SimpleQueueService.NonExistentQueue")


def queue_policy(client: Any, _id: str) -> Any:
    urls = client.list_queues(QueueNamePrefix="policy-test").get("QueueUrls", [])
    if not urls:
        return None
    answer = client.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["Policy"])
    policy = answer.get("Attributes", {}).get("Policy")
    return json.loads(policy) if policy else None


def bucket_policy(client: Any, name: str) -> Any:
    def look() -> Any:
        return json.loads(client.get_bucket_policy(Bucket=name)["Policy"])

    return either(client, look, "NoSuchBucketPolicy", "NoSuchBucket")


def key(client: Any, name: str) -> Any:
    described = client.describe_key(KeyId=name)["KeyMetadata"]
    if described["KeyState"] == "PendingDeletion":
        return None
    rotation = client.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]
    tags = client.list_resource_tags(KeyId=name)["Tags"]
    return described["Description"], rotation, {tag["TagKey"]: tag["TagValue"] for tag in tags}


def alias(client: Any, name: str) -> Any:
    aliases = {each["AliasName"]: each["TargetKeyId"] for each in client.list_aliases()["Aliases"]}
    target = aliases.get(name)
    return target and client.describe_key(KeyId=target)["KeyMetadata"]["Description"]


def iam_role(client: Any, name: str) -> Any:
    def look() -> Any:
        described = client.get_role(RoleName=name)["Role"]
        attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        inline = client.list_role_policies(RoleName=name)["PolicyNames"]
        return described.get("Description"), [each["PolicyName"] for each in attached], inline

    return either(client, look, "NoSuchEntity")


def managed_policy(client: Any, arn: str) -> Any:
    def look() -> Any:
        version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return document["Statement"][0]["Effect"], client.get_policy(PolicyArn=arn)["Policy"][
            "AttachmentCount"
        ]

    return either(client, look, "NoSuchEntity")


def role_policy(client: Any, name: str) -> Any:
    def look() -> Any:
        document = client.get_role_policy(RoleName="policy-test", PolicyName=name)["PolicyDocument"]
        return document["Statement"][0]["Effect"]

    return either(client, look, "NoSuchEntity")


def log_group(client: Any, name: str) -> Any:
    groups = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return groups[0].get("retentionInDays") if groups else None


def metric_filter(client: Any, name: str) -> Any:
    filters = client.describe_metric_filters(filterNamePrefix=name)["metricFilters"]
    return filters[0]["filterPattern"] if filters else None


def rule(client: Any, name: str) -> Any:
    def look() -> Any:
        targets = client.list_targets_by_rule(Rule=name)["Targets"]
        return client.describe_rule(Name=name)["State"], [(each["Id"], each.get("Input")) for each in targets]

    return either(client, look, "ResourceNotFoundException")


def schedule(client: Any, name: str) -> Any:
    def look() -> Any:
        answer = client.get_schedule(Name=name, GroupName="schedule-test")
        return answer["ScheduleExpression"], answer["State"], json.loads(answer["Target"]["Input"])

    return either(client, look, "ResourceNotFoundException")


def schedule_group(client: Any, name: str) -> Any:
    return either(client, lambda: client.get_schedule_group(Name=name)["State"], "ResourceNotFoundException")


def alarm(client: Any, name: str) -> Any:
    alarms = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return (
        (alarms[0]["Threshold"], alarms[0]["TreatMissingData"], alarms[0]["Dimensions"]) if alarms else None
    )


def composite(client: Any, name: str) -> Any:
    alarms = client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return alarms[0]["AlarmRule"] if alarms else None


def dashboard(client: Any, name: str) -> Any:
    names = {each["DashboardName"] for each in client.list_dashboards()["DashboardEntries"]}
    return json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"]) if name in names else None


def ssm_parameter(client: Any, name: str) -> Any:
    return either(client, lambda: client.get_parameter(Name=name)["Parameter"]["Value"], "ParameterNotFound")


def machine(client: Any, arn: str) -> Any:
    def look() -> Any:
        answer = client.describe_state_machine(stateMachineArn=arn)
        return json.loads(answer["definition"])["Comment"], answer["type"]

    return either(client, look, "StateMachineDoesNotExist")


def table(client: Any, name: str) -> Any:
    def look() -> Any:
        described = client.describe_table(TableName=name)["Table"]
        backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        tags = client.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
        return (
            client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"],
            backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
            described["BillingModeSummary"]["BillingMode"],
            {tag["Key"]: tag["Value"] for tag in tags},
        )

    return either(client, look, "ResourceNotFoundException")


def repository(client: Any, name: str) -> Any:
    def look() -> Any:
        policy = client.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
        return json.loads(policy)["rules"][0]["rulePriority"]

    return either(client, look, "RepositoryNotFoundException")


def lambda_function(client: Any, name: str) -> Any:
    def look() -> Any:
        answer = client.get_function_configuration(FunctionName=name)
        layers, subnets = len(answer["Layers"]), answer.get("VpcConfig", {}).get("SubnetIds")
        return answer["MemorySize"], answer["Timeout"], answer["Architectures"], layers, subnets

    return either(client, look, "ResourceNotFoundException")


def layer(client: Any, arn: str) -> Any:
    name, version = arn.split(":")[-2:]
    described = either(
        client,
        lambda: client.get_layer_version(LayerName=name, VersionNumber=int(version)),
        "ResourceNotFoundException",
    )
    return described and (described["Description"], version)


def permission(client: Any, name: str) -> Any:
    def look() -> Any:
        statements = json.loads(client.get_policy(FunctionName="permission-test")["Policy"])["Statement"]
        return {each["Sid"]: each["Principal"] for each in statements}.get(name)

    return either(client, look, "ResourceNotFoundException")


def subscription(client: Any, arn: str) -> Any:
    def look() -> Any:
        attributes = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        return attributes["Protocol"], json.loads(attributes["FilterPolicy"])

    return either(client, look, "NotFound")


def topic_policy(client: Any, _id: str) -> Any:
    topics = [
        each["TopicArn"] for each in client.list_topics()["Topics"] if "policy-test" in each["TopicArn"]
    ]
    if not topics:
        return None
    policy = json.loads(client.get_topic_attributes(TopicArn=topics[0])["Attributes"]["Policy"])
    return [each["Effect"] for each in policy["Statement"]]
