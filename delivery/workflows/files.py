"""All files that are made of the configuration, by their paths."""

from collections.abc import Mapping

from config.stages import STAGES
from config.types.delivery import Delivery
from delivery.ground.places import checked
from delivery.workflows.github_deployment import STACK_FILE, deployment, stack
from delivery.workflows.github_requests import check, comment, review
from delivery.workflows.gitlab_pipeline import pipeline
from delivery.workflows.roles import github_role, gitlab_role
from delivery.workflows.writing import written

ROLES, GITHUB, GITLAB = "delivery/roles", ".github/workflows", ".gitlab-ci.yml"
_ROLES = "delivery/workflows/roles.py"


def files(delivery: Delivery | None = None) -> Mapping[str, str]:
    """Text by path, from the root of the repository.

    delivery: the configuration's, if there is no other. Raises: ConfigError, with all problems of it.
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
            made[f"{GITHUB}/{name}"] = written(document, f"delivery/workflows/{module}.py")
        for stage in targets:
            made[f"{ROLES}/{stage.name}.github.yaml"] = written(github_role(stage), _ROLES)
    if gitlab := delivery.gitlab:
        document = pipeline(delivery, gitlab, stages)
        made[GITLAB] = written(document, "delivery/workflows/gitlab_pipeline.py")
        for stage in targets:
            made[f"{ROLES}/{stage.name}.gitlab.yaml"] = written(gitlab_role(stage, gitlab), _ROLES)
    return made
