"""All files that are made of the configuration, by their paths."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.place import VARIABLE
from config.stages import STAGES
from config.types.delivery import Delivery
from delivery.ground.errors import NotDelivered
from delivery.ground.places import checked
from delivery.workflows.github_deployment import STACK_FILE, deployment, stack
from delivery.workflows.github_requests import check, comment, review
from delivery.workflows.gitlab_pipeline import pipeline
from delivery.workflows.roles import github_role, gitlab_role
from delivery.workflows.writing import MADE, written

ROLES, GITHUB, GITLAB = "delivery/roles", ".github/workflows", ".gitlab-ci.yml"
_ROLES = "delivery/workflows/roles.py"


def files(delivery: Delivery | None = None) -> Mapping[str, str]:
    """Text by path, from the root of the repository.

    delivery: the configuration's, if there is no other. Raises: ConfigError, with all problems of it;
    NotDelivered, if the configuration's folder is named by a path that no other machine has.
    """
    delivery = checked() if delivery is None else checked(delivery)
    stages = {stage.name: stage for stage in STAGES}
    targets = [stages[target.stage] for target in delivery.targets]
    made = {}
    if github := delivery.github:
        requests, deployments = "github_requests", "github_deployment"
        documents = {
            "check.yml": (check(github), requests),
            "review.yml": (review(github), requests),
            "review-comment.yml": (comment(github), requests),
            "deploy.yml": (deployment(delivery, github, stages), deployments),
            STACK_FILE: (stack(github), deployments),
        }
        for name, (document, module) in documents.items():
            made[f"{GITHUB}/{name}"] = written(_told(document, "env"), f"delivery/workflows/{module}.py")
        for stage in targets:
            made[f"{ROLES}/{stage.name}.github.yaml"] = written(github_role(stage), _ROLES)
    if gitlab := delivery.gitlab:
        document = pipeline(delivery, gitlab, stages)
        made[GITLAB] = written(_told(document, "variables"), "delivery/workflows/gitlab_pipeline.py")
        for stage in targets:
            made[f"{ROLES}/{stage.name}.gitlab.yaml"] = written(gitlab_role(stage, gitlab), _ROLES)
    return made


def made_earlier(root: Path) -> list[str]:
    """Paths of files below the root that were made here, whether they still are or not."""
    there = [*(root / GITHUB).glob("*.yml"), *(root / ROLES).glob("*.yaml"), root / GITLAB]
    return [
        file.relative_to(root).as_posix()
        for file in sorted(there)
        if file.is_file() and file.read_text(encoding="utf-8").startswith(MADE)
    ]


def _told(document: Mapping[str, Any], word: str) -> Mapping[str, Any]:
    """With the folder of the configuration, where a team has its own. word: for variables of all jobs."""
    named = os.environ.get(VARIABLE)
    if not named:
        return document
    if Path(named).is_absolute():
        raise NotDelivered(
            f"{VARIABLE} is {named}, which no pipeline has: name it from the repository's root"
        )
    (first, value), *others = document.items()
    return {
        first: value,
        word: {**document.get(word, {}), VARIABLE: named},
        **{key: one for key, one in others if key != word},
    }
