"""What other programs need to use a cloud that is up: its endpoint, credentials, database and API."""

import shlex
from collections.abc import Iterator, Mapping

from local_cloud.lifecycle.cdk import folder_option
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import address


def exports(cloud: Cloud) -> Mapping[str, str]:
    """Environment variables."""
    settings = cloud.settings
    found = {**settings.environment(), "PGURL": cloud.database().dsn}
    if url := address(settings):
        found["API_URL"] = url
    for region in settings.standby_regions:
        if url := address(cloud.settings_in(region)):
            found["STANDBY_API_URL"] = url
    return found


def lines(cloud: Cloud) -> Iterator[str]:
    """For a shell."""
    for name, value in exports(cloud).items():
        yield f"export {name}={shlex.quote(value)}"


def how_to_use(cloud: Cloud) -> str:
    where = folder_option(cloud.state.path)
    return "\n".join(
        [
            "",
            f'To look around (`eval "$(python -m local_cloud env{where})"` does it):',
            *(f"  {line}" for line in lines(cloud)),
            "",
            f"`python -m local_cloud status{where}` says what is there, `down{where}` stops it.",
        ]
    )
