"""Beliefs about files that others write, and about what may be done to a dataset, on a group of their own."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from verification.beliefs.belief import Belief, Finding, Unknown, held, refusal
from verification.beliefs.probe import Probe
from verification.beliefs.world import World

_HEADER = "ITEM_ID,TITLE,SIZE"
_PLAIN = f"{_HEADER}\na,one,1\nb,two,2\n"
_FILES: Mapping[str, Mapping[str, str]] = {
    "extra-column": {"items.csv": ",ITEM_ID,TITLE,SIZE,COLOUR\n0,a,one,1,red\n1,b,two,2,blue\n"},
    "header-case": {"items.csv": "item_id,title,size\na,one,1\nb,two,2\n"},
    "doubled-quotes": {"items.csv": f'{_HEADER}\na,"say ""one"", please",1\nb,two,2\n'},
    "whole-float": {"items.csv": f"{_HEADER}\na,one,1.0\nb,two,2.0\n"},
    "folder-markers": {"items.csv": _PLAIN, "_SUCCESS": "", ".items.csv.crc": "crc"},
}


def _probe(world: World) -> Probe:
    if not world.probes:
        raise Unknown("imports of their own were not asked for")
    return world.probe


def _imported(which: str) -> Callable[[World], Finding]:
    def check(world: World) -> Finding:
        probe = _probe(world)
        ended = probe.import_files(probe.items, _FILES[which])
        return held(ended["status"] == "ACTIVE", ended)

    return check


def _milliseconds(world: World) -> Finding:
    probe = _probe(world)
    rows = [f"u{i % 50},i{i % 20},view,,{(1_700_000_000 + i) * 1000}" for i in range(1_100)]
    text = "\n".join(["USER_ID,ITEM_ID,EVENT_TYPE,IMPRESSION,TIMESTAMP", *rows, ""])
    ended = probe.import_files(probe.interactions, {"interactions.csv": text})
    return held(ended["status"] == "ACTIVE", ended)


def _second_import(world: World) -> Finding:
    probe = _probe(world)
    first = probe.begin_import(probe.items, {"items.csv": _PLAIN})
    said = refusal(probe.begin_import, dataset=probe.items, files={"items.csv": _PLAIN})
    described = world.personalize.describe_dataset_import_job(datasetImportJobArn=first)
    status = described["datasetImportJob"]["status"]
    told: dict[str, Any] = {"second": said or "taken", "first": status}
    if said is None and described["datasetImportJob"]["status"] == "ACTIVE":
        raise Unknown(f"the first import was over at once: {told}")
    return held(
        said is not None and said["code"] in ("ResourceInUseException", "LimitExceededException"), told
    )


def _impression(world: World) -> Finding:
    tracking = _probe(world).tracker()
    event = {"eventType": "view", "itemId": "i1", "sentAt": int(time.time())}
    said = refusal(
        world.cloud.client("personalize-events").put_events,
        trackingId=tracking, userId="u1", sessionId="s1", eventList=[event],
    )  # fmt: skip
    return held(said is None, said or "taken")


def _deleted_while_tracked(world: World) -> Finding:
    probe = _probe(world)
    trackers = world.personalize.list_event_trackers(datasetGroupArn=probe.group)["eventTrackers"]
    if not trackers:
        raise Unknown("there is no event tracker")
    said = refusal(world.personalize.delete_dataset, datasetArn=probe.interactions)
    return held(said is not None and said["code"] == "ResourceInUseException", said or "taken")


def _again(world: World) -> Finding:
    said = _probe(world).recreated()
    return held(said is None, said or "the same name could be used at once")


_SERVER = "personalize_server/data"
BELIEFS = (
    Belief(
        "extra-column",
        "An import ignores columns that the schema does not have.",
        _SERVER,
        _imported("extra-column"),
    ),
    Belief(
        "header-case", "A CSV header is matched without regard to case.", _SERVER, _imported("header-case")
    ),
    Belief(
        "doubled-quotes",
        "Quotes inside a quoted text may be doubled, as pandas and Excel write them.",
        _SERVER,
        _imported("doubled-quotes"),
    ),
    Belief("whole-float", "An int column takes 5.0.", _SERVER, _imported("whole-float")),
    Belief(
        "folder-markers",
        "An import of a folder leaves _SUCCESS and .crc files out.",
        _SERVER,
        _imported("folder-markers"),
    ),
    Belief(
        "milliseconds",
        "An import takes times in milliseconds without a word, so that only our own checks see them.",
        "lambda_src/pipeline/extract/numbers.py, personalize_server/data",
        _milliseconds,
    ),
    Belief(
        "second-import",
        "A second import of a dataset is refused as in use, or beyond a limit, while one runs.",
        "constructs/training/imports.py",
        _second_import,
    ),
    Belief(
        "impression-optional",
        "PutEvents takes an event without impression where the schema has IMPRESSION.",
        "lambda_src/pipeline/tracking/personalize_events.py",
        _impression,
    ),
    Belief(
        "deleted-while-tracked",
        "DeleteDataset of interactions is refused while the group has an event tracker.",
        "constructs/models/use_case_model.py",
        _deleted_while_tracked,
    ),
    Belief(
        "name-again",
        "A schema's name can be used again right after its deletion.",
        "config/derived/names.py",
        _again,
    ),
)
