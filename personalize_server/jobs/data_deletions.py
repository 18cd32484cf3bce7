"""Data deletion jobs: users taken out of all datasets of a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from personalize_server.answers.wanted import sweep_erased_images
from personalize_server.facts.options import Options
from personalize_server.jobs.outcomes import keep
from personalize_server.objects.access import ObjectAccess, access_of
from personalize_server.state.put_records import delete_of_subject
from personalize_server.state.store import Record, Store


@dataclass(frozen=True, kw_only=True)
class DataDeletion:
    objects: ObjectAccess
    location: str
    """dataLocation: a CSV file of user ids, or a folder of such"""
    folders: Sequence[Path]
    """the parts of all datasets"""
    scratch: Path


@dataclass(frozen=True, kw_only=True)
class DeletedData:
    replaced: Mapping[str, str]
    """by the name of a part that has rows of the users: the folder in scratch of the one without them"""
    deleted: int
    """rows"""
    users: Sequence[str]


def plan(store: Store, options: Options, record: Record, scratch: Path) -> DataDeletion:
    datasets = store.linked(record.links["datasetGroupArn"], kind="Dataset", member="datasetGroupArn")
    return DataDeletion(
        objects=access_of(options, record.region, record.body.get("roleArn")),
        location=record.body["dataSource"]["dataLocation"],
        folders=[options.datasets / part for dataset in datasets for part in dataset.own.get("parts", [])],
        scratch=scratch,
    )


def work(job: DataDeletion) -> DeletedData:
    """New parts, without the users, in place of those that have rows of theirs.

    Raises: JobFailed, if there are no files of users, or they are not such.
    """
    from personalize_server.data.erasure import users_of, without_users
    from personalize_server.objects.finding import contents, csv_files
    from personalize_server.objects.opening import objects_of

    objects = objects_of(job.objects)
    users = users_of(contents(objects, csv_files(objects, job.location)))
    job.scratch.mkdir(parents=True)
    replaced, deleted = {}, 0
    for number, folder in enumerate(job.folders):
        gone = without_users(folder, users, job.scratch / str(number))
        if gone:
            replaced[folder.name] = str(number)
            deleted += gone
    return DeletedData(replaced=replaced, deleted=deleted, users=sorted(users))


def finish(store: Store, options: Options, record: Record, result: DeletedData, scratch: Path) -> None:
    """Also deletes what was put one by one of the users."""
    names = {old: f"{scratch.name}-{record.seq}-{number}" for old, number in result.replaced.items()}
    for old, number in result.replaced.items():
        keep(scratch / number, options.datasets / names[old])
    now, deleted = store.now(), result.deleted
    for dataset in store.linked(record.links["datasetGroupArn"], kind="Dataset", member="datasetGroupArn"):
        parts = [names.get(part, part) for part in dataset.own.get("parts", [])]
        store.update(dataset.changed(now, own={**dataset.own, "parts": parts, "erased": record.seq}))
        if dataset.body["datasetType"] not in ("ITEMS", "ACTIONS"):
            for user in result.users:
                deleted += delete_of_subject(store, dataset.arn, user)
    body = {**record.body, "numDeleted": deleted}
    store.update(record.changed(now, work="done", body=body))


def follow(store: Store, options: Options) -> None:
    """What has been deleted is not in old images, nor in the pages of the state that are free now."""
    sweep_erased_images(store, options)
    store.forget_pages()
