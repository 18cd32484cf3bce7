"""What an operation costs does not grow with what there is: counted in steps of SQLite's virtual machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from personalize_server.facts.options import Options
from personalize_server.facts.quotas import Quotas
from personalize_server.operations.deleting import sweep
from personalize_server.operations.registry import HANDLERS
from personalize_server.state.context import Caller, Context, no_wake
from personalize_server.state.store import Store
from tests.personalize_server.support.journey import ROLE, schema_text

_FEW, _MANY = 50, 1_000
_QUOTAS = Quotas().with_changes({"dataset_groups": 10**6, "schemas": 10**6, "campaigns": 10**6})
_STEPS_AT_ONCE = 10


class Server:
    """The control plane without its processes, with dataset groups, schemas and datasets."""

    def __init__(self, data: Path, groups: int) -> None:
        data.mkdir()
        self._options = Options(data=data, quotas=_QUOTAS)
        self.store = Store(self._options.state_file)
        self.groups = groups
        with self.store.transaction():
            for number in range(groups):
                group = self.do("CreateDatasetGroup", name=f"group-{number}")["datasetGroupArn"]
                schema = self.do("CreateSchema", name=f"schema-{number}", schema=schema_text("Users"))
                self.do(
                    "CreateDataset",
                    **{"name": "users", "datasetGroupArn": group, "datasetType": "Users"},
                    schemaArn=schema["schemaArn"],
                )
                self.do("CreateDatasetGroup", name=f"gone-{number}")
                self.do("DeleteDatasetGroup", datasetGroupArn=self.arn(f"dataset-group/gone-{number}"))

    def arn(self, path: str) -> str:
        return f"arn:aws:personalize:us-east-1:123456789012:{path}"

    def do(self, name: str, /, **request: Any) -> Mapping[str, Any]:
        """As the server does it, a sweep before."""
        caller = Caller(self._options.account, self._options.region)
        context = Context(caller, self.store, self._options, self.store.now(), no_wake)
        sweep(context)
        with self.store.transaction():
            return HANDLERS[name](context, request)

    @contextmanager
    def steps(self, taken: list[int]) -> Iterator[None]:
        def step() -> None:
            taken[0] += _STEPS_AT_ONCE

        self.store._db.set_progress_handler(step, _STEPS_AT_ONCE)
        try:
            yield
        finally:
            self.store._db.set_progress_handler(None, 0)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("growth")
    few, many = Server(folder / "few", _FEW), Server(folder / "many", _MANY)
    with closing(few.store), closing(many.store):
        yield few, many


_OPERATIONS: Mapping[str, Callable[[Server], Mapping[str, Any]]] = {
    "create a group": lambda server: server.do("CreateDatasetGroup", name=f"z{server.store.revision()}"),
    "create a schema": lambda server: server.do(
        "CreateSchema", name=f"z{server.store.revision()}", schema=schema_text("Users")
    ),
    "import": lambda server: server.do(
        "CreateDatasetImportJob",
        **{"jobName": f"z{server.store.revision()}", "datasetArn": server.arn("dataset/group-7/USERS")},
        **{"dataSource": {"dataLocation": "s3://bucket/users.csv"}, "roleArn": ROLE},
    ),
    "describe a group": lambda server: server.do(
        "DescribeDatasetGroup", datasetGroupArn=server.arn("dataset-group/group-7")
    ),
    "list groups": lambda server: server.do("ListDatasetGroups", maxResults=20),
    "list schemas": lambda server: server.do("ListSchemas", maxResults=20),
    "list datasets": lambda server: server.do(
        "ListDatasets", datasetGroupArn=server.arn("dataset-group/group-7")
    ),
    "list all datasets": lambda server: server.do("ListDatasets", maxResults=20),
    "put users": lambda server: server.do(
        "PutUsers",
        datasetArn=server.arn("dataset/group-7/USERS"),
        users=[{"userId": "u", "properties": '{"age": 30}'}],
    ),
    "delete a group": lambda server: server.do(
        "DeleteDatasetGroup",
        datasetGroupArn=server.do("CreateDatasetGroup", name=f"z{server.store.revision()}")[
            "datasetGroupArn"
        ],
    ),
}


@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS.keys())
def test_an_operation_takes_no_more_steps_where_there_is_more(
    servers: tuple[Server, Server], operation: Callable[[Server], Mapping[str, Any]]
) -> None:
    taken = []
    for server in servers:
        counted = [0]
        with server.steps(counted):
            operation(server)
        taken.append(counted[0])
    few, many = taken
    assert 0 < many <= 1.5 * few, f"{few} steps with {_FEW} groups, {many} with {_MANY}"


def test_pages_have_everything_once_in_the_order_it_was_made(servers: tuple[Server, Server]) -> None:
    _, server = servers
    listed: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = server.do("ListDatasetGroups", **more)
        listed += [group["name"] for group in page["datasetGroups"]]
        if page["nextToken"] is None:
            break
        more = {"nextToken": page["nextToken"]}
    kept = [name for name in listed if name.startswith("group-")]
    assert kept == [f"group-{number}" for number in range(_MANY)]
    assert len(set(listed)) == len(listed)
