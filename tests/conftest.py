"""What holds for all tests: whatever config/ holds, they and what they start read a business of their own.

The configuration of this installation is in tests.app.support.installed, for what is to be said of it.
"""

import gc
import os
from functools import cache
from typing import Any

import botocore.session
import pytest
from hypothesis import settings
from moto.core import models
from moto.core.base_backend import BaseBackend

# It has to be set before anything of the configuration is imported.
os.environ.setdefault("INSTALLED_CONFIG", os.environ.get("RECS_CONFIG", ""))
os.environ["RECS_CONFIG"] = "tests/app/support/business"

# Modules stay: looking through them again and again is a fifth of loading them. From the end of the
# collection on there is a collector again, for what tests leave.
gc.disable()

# The CDK's own look at every template takes as long as building them, and cfn-lint looks at the same ones.
# It has to be set before the CDK is imported.
os.environ["CDK_VALIDATION"] = "false"

# Most of making a client is reading its service's model, which is the same in every session.
setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))  # noqa: B010
# Most of starting moto is making patterns for `requests`, by which nothing here asks AWS.
models.RESPONSES_METHODS.clear()
# A tenth of a request to moto is making the patterns of its service's addresses again.
_addresses = vars(BaseBackend)["urls"].fget
_known: dict[type, Any] = {}


def _urls(backend: BaseBackend) -> Any:
    kind = type(backend)
    if kind not in _known:
        _known[kind] = _addresses(backend)
    return _known[kind]


setattr(BaseBackend, "urls", property(_urls))  # noqa: B010

# How long an example takes depends on what else the machine does.
settings.register_profile("repository", deadline=None, max_examples=25)
settings.register_profile("prove", deadline=None, max_examples=500)
settings.load_profile("repository")

_TOGETHER = {
    "tests/app/e2e/": "the deployed local cloud",
    "tests/app/sample/": "the deployed local cloud",
    "tests/app/synth/": "the templates of all stages",
    "tests/house/": "the graph of imports",
}
"""What takes a minute to make and is made once in a process: tests that share it are run by the same one."""


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """One process has all tests of a file, and all that share what is slow to make."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            shared = (name for folder, name in _TOGETHER.items() if nodeid.startswith(folder))
            return next(shared, None) or super()._split_scope(nodeid)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
