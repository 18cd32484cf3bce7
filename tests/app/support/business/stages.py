"""The stages of this installation. The account and resource ids are placeholders: replace them by yours."""

from config.schema import (
    ApiConfig,
    Audience,
    Backups,
    Database,
    EmailSender,
    Notifying,
    PushApplication,
    Schedule,
    SslMode,
    StageConfig,
    Standby,
    Throttling,
    Tier,
)

DEV = StageConfig(
    name="dev",
    tier=Tier.DEVELOPMENT,
    account="111111111111",
    region="eu-west-1",
    owner="recommendations-team",
    database=Database(
        vpc_id="vpc-0d000000000000001",
        availability_zones=("eu-west-1a", "eu-west-1b"),
        subnet_ids=("subnet-0d00000000000000a", "subnet-0d00000000000000b"),
        security_group_id="sg-0d000000000000001",
        secret_name="recs/dev/database",
    ),
    audience=Audience(active_within_days=30),
    notifications=Notifying(enabled=False, dry_run=True),
)

STAGING = StageConfig(
    name="staging",
    tier=Tier.STAGING,
    account="222222222222",
    region="eu-west-1",
    owner="recommendations-team",
    database=Database(
        vpc_id="vpc-05000000000000001",
        availability_zones=("eu-west-1a", "eu-west-1b"),
        subnet_ids=("subnet-0500000000000000a", "subnet-0500000000000000b"),
        security_group_id="sg-05000000000000001",
        secret_name="recs/staging/database",
    ),
    audience=Audience(active_within_days=90),
    alarm_emails=("recommendations-team@example.com",),
    backups=Backups(drills=True),
    notifications=Notifying(
        dry_run=True,
        sender=EmailSender(name="Community", address="programs@staging.example.com"),
        push=(
            PushApplication(platform="android", arn="arn:aws:sns:eu-west-1:222222222222:app/GCM/staging"),
            PushApplication(platform="ios", arn="arn:aws:sns:eu-west-1:222222222222:app/APNS/staging"),
        ),
    ),
)

PROD = StageConfig(
    name="prod",
    tier=Tier.PRODUCTION,
    # True once the first deployment has succeeded: docs/production.md.
    protected=False,
    account="333333333333",
    region="eu-west-1",
    replica_regions=("eu-central-1",),
    owner="recommendations-team",
    database=Database(
        vpc_id="vpc-0e000000000000001",
        availability_zones=("eu-west-1a", "eu-west-1b", "eu-west-1c"),
        subnet_ids=("subnet-0e00000000000000a", "subnet-0e00000000000000b", "subnet-0e00000000000000c"),
        security_group_id="sg-0e000000000000001",
        secret_name="recs/prod/database",
    ),
    audience=Audience(active_within_days=180),
    alarm_emails=("recommendations-team@example.com", "on-call@example.com"),
    notifications=Notifying(
        sender=EmailSender(name="Community", address="programs@example.com"),
        push=(
            PushApplication(platform="android", arn="arn:aws:sns:eu-west-1:333333333333:app/GCM/prod"),
            PushApplication(platform="ios", arn="arn:aws:sns:eu-west-1:333333333333:app/APNS/prod"),
        ),
    ),
)

# The local cloud's account; nothing is looked up there, and PostgreSQL on this machine speaks no TLS.
LOCAL = StageConfig(
    name="local",
    tier=Tier.DEVELOPMENT,
    account="123456789012",
    region="eu-west-1",
    owner="whoever-runs-it",
    database=Database(
        vpc_id="vpc-01000000000000001",
        availability_zones=("eu-west-1a",),
        subnet_ids=("subnet-0100000000000000a",),
        security_group_id="sg-01000000000000001",
        secret_name="recs/local/database",
        ssl_mode=SslMode.PREFER,
    ),
    schedule=Schedule(expression="cron(0 3/6 * * ? *)"),
    loopback_http=True,
    # As much as the machine can do: benchmarks ask for it.
    api=ApiConfig(throttling=Throttling(rate_per_second=2_000, burst=4_000)),
    alarm_emails=("you@example.com",),
    backups=Backups(drills=True),
    notifications=Notifying(
        sender=EmailSender(name="Community", address="programs@example.com"),
        push=(
            PushApplication(platform="android", arn="arn:aws:sns:eu-west-1:123456789012:app/GCM/local"),
            PushApplication(platform="ios", arn="arn:aws:sns:eu-west-1:123456789012:app/APNS/local"),
        ),
    ),
)

LOCAL_STANDBY = Standby(
    region="eu-central-1",
    database=Database(
        vpc_id="vpc-01000000000000002",
        availability_zones=("eu-central-1a",),
        subnet_ids=("subnet-0100000000000000b",),
        security_group_id="sg-01000000000000002",
        secret_name="recs/local/database",
        ssl_mode=SslMode.PREFER,
    ),
    sender=EmailSender(name="Community", address="programs@example.com"),
    push=(
        PushApplication(platform="android", arn="arn:aws:sns:eu-central-1:123456789012:app/GCM/local"),
        PushApplication(platform="ios", arn="arn:aws:sns:eu-central-1:123456789012:app/APNS/local"),
    ),
)
"""What `local` has beside it when it is asked for: `python -m local_cloud up --standby`."""

STAGES = (DEV, STAGING, PROD, LOCAL)
