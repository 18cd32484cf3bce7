"""Keys of KMS: API reference, CreateKey."""

from typing import Any

from moto.kms.models import Key

from local_cloud.ground.patching import replace

_SYMMETRIC = ("", None, "SYMMETRIC_DEFAULT")


def install() -> None:
    """moto answers null for the usage and the regions of a key that was made without them."""

    def initialise(
        self: Any, policy: Any, key_usage: str | None, key_spec: str | None, *more: Any, **named: Any
    ) -> None:
        usage = key_usage or ("ENCRYPT_DECRYPT" if key_spec in _SYMMETRIC else None)
        create(self, policy, usage, key_spec, *more, **named)
        self.multi_region = bool(self.multi_region)

    create = replace(Key, "__init__", initialise)
