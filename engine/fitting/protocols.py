"""A configuration as it is to be fitted for a test by a protocol of evaluation."""

from dataclasses import replace
from typing import Any, cast

from engine.evaluation.protocols import RANDOM_SHARE, validation_for
from engine.fitting.configs import AnyConfig
from engine.fitting.hybrid import HybridConfig


def for_protocol(config: AnyConfig, protocol: str) -> AnyConfig:
    """A hybrid validates as it is tested; nobody weighs recency where what is held back has no order."""
    if isinstance(config, HybridConfig):
        missing = RANDOM_SHARE if protocol == "random" else 0.0
        learned = replace(config, validation=validation_for(protocol), missing=missing)
        return learned if config.weights is None else config
    if protocol in ("random", "strong") and hasattr(config, "recency"):
        without: AnyConfig = replace(cast(Any, config), recency=None)
        return without
    return config
