"""A cloud's servers, up for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.local_cloud.support.ports import free_ports
from tests.local_cloud.support.shell import Shell


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell(tmp_path_factory.mktemp("cloud") / "state", free_ports())
    done = shell.up()
    assert done.returncode == 0, done.stderr
    yield shell
    shell.run("down")
