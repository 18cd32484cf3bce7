"""What a stage's configuration names in a region, and no stack makes."""

from config.types.stage_config import StageConfig
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings


def provide(settings: Settings, stage: StageConfig, secret: str) -> None:
    """stage: as its region sees it. secret: of the database, which all regions of a machine share, as if it
    were copied.
    """
    _store_secret(settings, stage, secret)
    _create_push_applications(settings, stage)


def _store_secret(settings: Settings, stage: StageConfig, secret: str) -> None:
    if stage.database is None:
        return
    secrets = client(settings, "secretsmanager", stage.region)
    name = stage.database.secret_name
    try:
        secrets.create_secret(Name=name, SecretString=secret)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=secret)


def _create_push_applications(settings: Settings, stage: StageConfig) -> None:
    """They hold an app store's credentials elsewhere."""
    sns = client(settings, "sns", stage.region)
    for application in stage.notifications.push if stage.notifications else ():
        _, platform, name = application.arn.rsplit(":", 1)[1].split("/")
        credential = {"PlatformCredential": "local"}
        sns.create_platform_application(Name=name, Platform=platform, Attributes=credential)
