"""The drill, as a command: a region is lost under traffic, and every promise is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.local_cloud.support.local_aws import ROOT
from tests.local_cloud.support.ports import free_ports


def test_every_promise_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--folder", str(tmp_path / "state"), "--port", str(free_ports())]
    command = [sys.executable, "-m", "local_cloud", "drill", *place, "--down"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False)
    with capsys.disabled():
        print(f"\n{done.stdout[done.stdout.find('RPO') :]}")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
