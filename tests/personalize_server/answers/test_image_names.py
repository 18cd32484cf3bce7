"""Images of earlier servers stay valid: they are found by a hash of what they are made of."""

import json
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.answers.wanted import IMAGE_FORMAT, Wanted
from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.facts.quotas import Quotas

PLAN = InferencePlan(
    model=Path("/data/models/m-1"),
    learned={"hybrid": {"weights": [0.5]}},
    group="arn:group",
    interactions=DatasetContent(
        arn="arn:interactions", schema="{}", parts=(Path("/data/datasets/d-1"),), put_before=(3,), erased=0
    ),
    items=None,
    users=None,
    actions=None,
    action_interactions=None,
    put_blocks=(0, 2),
    solution={"recipeArn": "arn:recipe", "eventType": None},
    refreshed=None,
    quotas=Quotas(),
    state_file=Path("/data/state.sqlite3"),
)
AS_EVER = {
    "model": "/data/models/m-1",
    "learned": {"hybrid": {"weights": [0.5]}},
    "interactions": {
        "arn": "arn:interactions",
        "schema": "{}",
        "parts": ["/data/datasets/d-1"],
        "put_before": [3],
        "erased": 0,
    },
    **{"users": None, "items": None, "actions": None, "action_interactions": None},
    "put_blocks": [0, 2],
    "solution": {"recipeArn": "arn:recipe", "eventType": None},
    "refreshed": None,
    "quotas": asdict(Quotas()),
    "state_file": "/data/state.sqlite3",
    "group": "arn:group",
}
"""what was hashed when plans were mappings"""


def test_an_image_keeps_its_name() -> None:
    content = json.dumps({"format": IMAGE_FORMAT, **AS_EVER}, sort_keys=True)

    assert Wanted(PLAN, {}, None, 1, "arn:campaign").image == sha256(content.encode()).hexdigest()[:32]


def test_other_data_is_another_image() -> None:
    newer = replace(PLAN, put_blocks=(1, 2))

    assert Wanted(newer, {}, None, 1, "arn:campaign").image != Wanted(PLAN, {}, None, 1, "arn:campaign").image
