"""Jobs are started when the machine has room for their processes."""

import errno
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from personalize_server.facts.options import Options
from personalize_server.jobs.runner import Runner
from personalize_server.state.store import Record
from tests.personalize_server.support.clockwork import Clockwork
from tests.personalize_server.support.journey import ROLE, schema_text


@pytest.mark.parametrize("stopped", [False, True], ids=["wanted", "stopped meanwhile"])
def test_a_job_whose_process_cannot_be_started_waits_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    with Clockwork(tmp_path) as made:
        group = made.call("CreateDatasetGroup", name="g")["datasetGroupArn"]
        schema = made.call("CreateSchema", name="s", schema=schema_text("Interactions"))["schemaArn"]
        about = {"name": "d", "schemaArn": schema, "datasetGroupArn": group}
        dataset = made.call("CreateDataset", **about, datasetType="Interactions")["datasetArn"]
        arn = made.call(
            "CreateDatasetImportJob",
            **{"jobName": "j", "datasetArn": dataset, "roleArn": ROLE},
            dataSource={"dataLocation": "s3://bucket/data.csv"},
        )["datasetImportJobArn"]

        def job() -> Record:
            found = made.store.get(arn)
            assert found is not None
            return found

        def no_room(process: Any) -> None:
            assert job().work == "running"
            if stopped:
                made.store.update(job().changed(made.now, work="stopping"))
            raise OSError(errno.EMFILE, "Too many open files")

        monkeypatch.setattr(ForkServerProcess, "start", no_room)
        runner = Runner(made.store, Options(data=tmp_path))
        for _ in range(4):
            runner._start_queued()
        assert job().work == ("stopping" if stopped else "queued")
        assert job().own["attempts"] == (1 if stopped else 0), "no attempt has been made"
