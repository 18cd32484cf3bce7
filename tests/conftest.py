"""What holds for all tests."""

import os

import pytest
from hypothesis import settings

# The CDK's own look at every template takes as long as building them, and cfn-lint looks at the same ones.
# It has to be set before the CDK is imported.
os.environ["CDK_VALIDATION"] = "false"

# How long an example takes depends on what else the machine does.
settings.register_profile("repository", deadline=None)
settings.load_profile("repository")

_DEPLOYED, _SYNTH = "deployed", "synth"
_SHARED = {"deployed": _DEPLOYED, "community": _DEPLOYED, "templates": _SYNTH, "assembly": _SYNTH}
"""Fixtures of a whole session that take a minute to make, and who shares them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup`, one process has all tests of a file, and all that share what is slow."""
    groups = dict[str, str]()
    for item in items:
        shared = (_SHARED[name] for name in getattr(item, "fixturenames", ()) if name in _SHARED)
        if group := next(shared, None):
            groups[_file_of(item)] = group
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups.get(_file_of(item), _file_of(item))))
    order = [_DEPLOYED, _SYNTH]
    items.sort(key=lambda item: _rank(groups.get(_file_of(item)), order))


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _rank(group: str | None, order: list[str]) -> int:
    return order.index(group) if group in order else len(order)
