"""A plugin of pytest: coverage says beside every line which test was being run, prepared or cleared away.

Its own `dynamic_context = test_function` goes by the name of the first frame that begins with "test", and the
one of a test by Hypothesis is of a module that exists in memory only.
"""

from collections.abc import Iterator

import pytest
from coverage import Coverage


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """All parameters of a test are one context."""
    watching = Coverage.current()
    assert watching is not None, "for `coverage run` only"
    watching.switch_context(item.nodeid.partition("[")[0])
    result = yield
    watching.switch_context("")
    return result
