"""GitHub's workflows of a pull request: tests, the review, and the comment with the review."""

from typing import Any

from config.types.delivery import GitHub
from delivery.workflows import commands
from delivery.workflows.actions import DOWNLOAD
from delivery.workflows.github_steps import expression, installed, kept, tested

REVIEW_NAME = "Review"
_MARK = "<!-- recommendations-review -->"
_BYTES = 62_000
"""GitHub takes 65,536 characters."""
_COMMENT = f"""\
set -euo pipefail
# Written by code of the pull request: text of bounded length here, of which nothing is run.
{{ echo '{_MARK}'; head --bytes={_BYTES} review.md | iconv -c -f UTF-8 -t UTF-8; }} > comment.md
number=$(gh api --method GET "repos/$REPOSITORY/pulls" -f state=open -f head="$OWNER:$BRANCH" \\
  --jq 'map(select(.head.sha == env.SHA)) | .[0].number // empty')
if [ -z "$number" ]; then
  echo "No open pull request is at $SHA any more."
  exit 0
fi
comment=$(gh api --paginate "repos/$REPOSITORY/issues/$number/comments" \\
  --jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("{_MARK}"))) | .id' \\
  | head -n 1)
if [ -n "$comment" ]; then
  gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$comment" -F body=@comment.md
else
  gh api --silent --method POST "repos/$REPOSITORY/issues/$number/comments" -F body=@comment.md
fi
"""


def check(github: GitHub) -> dict[str, Any]:
    return {
        "name": "Check",
        "on": {"pull_request": {"branches": [github.branch]}, "merge_group": {"branches": [github.branch]}},
        "permissions": {"contents": "read"},
        "concurrency": {
            "group": f"check-{expression('github.ref')}",
            "cancel-in-progress": True,
        },
        "jobs": {"test": tested(github.runner)},
    }


def review(github: GitHub) -> dict[str, Any]:
    """Of forks, too: it has no credentials, and what it wrote is commented by another workflow."""
    report = {
        "name": "Review",
        "env": {
            "BASE": expression("github.event.pull_request.base.sha"),
            "HEAD": expression("github.sha"),
            "DESCRIPTION": expression("github.event.pull_request.body"),
        },
        "run": commands.REVIEW,
    }
    summary = {
        "name": "Summary",
        "if": expression("!cancelled()"),
        "run": 'cat review.md >> "$GITHUB_STEP_SUMMARY"',
    }
    return {
        "name": REVIEW_NAME,
        "on": {
            "pull_request": {
                "branches": [github.branch],
                "types": ["opened", "synchronize", "reopened", "edited"],
            }
        },
        "permissions": {"contents": "read"},
        "concurrency": {
            "group": f"review-{expression('github.event.pull_request.number')}",
            "cancel-in-progress": True,
        },
        "jobs": {
            "review": {
                "runs-on": github.runner,
                "timeout-minutes": 20,
                "steps": [
                    *installed(depth=0),
                    report,
                    summary,
                    kept("review", "review.md", "review-whole.md", "review.json", days=30, always=True),
                ],
            }
        },
    }


def comment(github: GitHub) -> dict[str, Any]:
    """May write comments, and so gets nothing of the pull request's code."""
    run = "github.event.workflow_run"
    return {
        "name": "Review comment",
        "on": {"workflow_run": {"workflows": [REVIEW_NAME], "types": ["completed"]}},
        "permissions": {},
        "concurrency": {
            "group": f"comment-{expression(f'{run}.head_repository.full_name')}"
            f"-{expression(f'{run}.head_branch')}",
            "cancel-in-progress": False,
        },
        "jobs": {
            "comment": {
                "if": expression(f"{run}.event == 'pull_request' && {run}.conclusion != 'cancelled'"),
                "runs-on": github.runner,
                "timeout-minutes": 5,
                "permissions": {"actions": "read", "pull-requests": "write"},
                "steps": [
                    {
                        "uses": DOWNLOAD.uses,
                        "with": {
                            "name": "review",
                            "run-id": expression(f"{run}.id"),
                            "github-token": expression("github.token"),
                        },
                    },
                    {
                        "name": "Comment",
                        "env": {
                            "GH_TOKEN": expression("github.token"),
                            "REPOSITORY": expression("github.repository"),
                            "OWNER": expression(f"{run}.head_repository.owner.login"),
                            "BRANCH": expression(f"{run}.head_branch"),
                            "SHA": expression(f"{run}.head_sha"),
                        },
                        "run": _COMMENT,
                    },
                ],
            }
        },
    }
