"""What a database must obey that queries run in."""

import re
from collections.abc import Iterator

from config.types.errors import Problem
from config.types.stage_config import Database, SslMode, StageConfig, Tier

_RESOURCE_ID = r"{}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@\-]{1,512}")
_SECRET_SUFFIX = re.compile(r".*-[A-Za-z0-9]{6}")


def database_problems(
    stage: StageConfig, database: Database, region: str, *, field: str = "database"
) -> Iterator[Problem]:
    """field: where it stands in the stage."""

    def about(name: str, value: object, rule: str) -> Problem:
        return Problem(f"stage {stage.name}", f"{field}.{name}", value, rule)

    ids = (
        ("vpc_id", "vpc", (database.vpc_id,)),
        ("subnet_ids", "subnet", database.subnet_ids),
        ("security_group_id", "sg", (database.security_group_id,)),
    )
    for name, kind, values in ids:
        for value in values:
            if not re.fullmatch(_RESOURCE_ID.format(kind), value):
                yield about(name, value, f"must be {kind}- and 8 or 17 hexadecimal digits")
    if not database.subnet_ids:
        yield about("subnet_ids", database.subnet_ids, "must name at least one subnet")
    if len(database.availability_zones) != len(database.subnet_ids):
        yield about(
            "availability_zones",
            database.availability_zones,
            f"must name one zone for each of the {len(database.subnet_ids)} subnets, in the same order",
        )
    for zone in database.availability_zones:
        if not re.fullmatch(re.escape(region) + "[a-z]", zone):
            yield about("availability_zones", zone, f"must be a zone of {region}")
    for subnet in sorted({one for one in database.subnet_ids if database.subnet_ids.count(one) > 1}):
        yield about("subnet_ids", subnet, "must not be named twice")
    if not _SECRET_NAME.fullmatch(database.secret_name):
        yield about("secret_name", database.secret_name, "must be 1 to 512 letters, digits and /_+=.@-")
    elif _SECRET_SUFFIX.fullmatch(database.secret_name):
        yield about(
            "secret_name",
            database.secret_name,
            "must not end in a hyphen and six characters, which Secrets Manager takes for its own suffix",
        )
    if stage.tier is not Tier.DEVELOPMENT and database.ssl_mode in (SslMode.DISABLE, SslMode.PREFER):
        yield about(
            "ssl_mode",
            database.ssl_mode.value,
            f"must be require or verify-full in the tier {stage.tier}: personal data crosses the network",
        )
