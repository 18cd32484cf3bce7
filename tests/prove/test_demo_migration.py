"""The demo of a migration, as `make demo-migration` runs it, on a cloud of its own."""

import subprocess
import sys
from pathlib import Path

from local_cloud.lifecycle.cdk import ROOT
from tests.local_cloud.support.ports import free_ports


def test_the_story_is_told_to_its_end_and_all_that_it_claims_holds(tmp_path: Path) -> None:
    place = ["--folder", str(tmp_path / "cloud"), "--port", str(free_ports())]

    done = subprocess.run(
        [sys.executable, "-m", "local_cloud", "demo-migration", "--down", *place],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=1_500,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert not [line for line in done.stdout.splitlines() if len(line) > 80]
    assert "RETURNED by the" in done.stdout
    assert "NOT " not in done.stdout
    assert not (tmp_path / "cloud" / "cloud.json").exists()
