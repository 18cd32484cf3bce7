"""Where this installation's pull requests are, and what is deployed after a merge. Names are placeholders."""

from config.types.delivery import Delivery, GitHub, GitLab, Target

DELIVERY = Delivery(
    targets=(
        Target(stage="dev"),
        Target(stage="staging", bake_minutes=5),
        Target(stage="prod", bake_minutes=15, approval=True),
    ),
    github=GitHub(repository="your-organisation/recommendations"),
    gitlab=GitLab(project="your-organisation/recommendations"),
)
