"""Actions of others, each by the commit that a version's tag named in November 2026.

A tag can be moved, a commit cannot. What a tag names:
`git ls-remote https://github.com/OWNER/NAME refs/tags/VERSION 'refs/tags/VERSION^{}'`, the last line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    name: str
    version: str
    sha: str

    @property
    def uses(self) -> str:
        return f"{self.name}@{self.sha}"


CHECKOUT = Action("actions/checkout", "v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1")
PYTHON = Action("actions/setup-python", "v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97")
UPLOAD = Action("actions/upload-artifact", "v7.0.0", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f")
DOWNLOAD = Action("actions/download-artifact", "v8.0.1", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c")
CREDENTIALS = Action(
    "aws-actions/configure-aws-credentials", "v6.2.3", "e6de054238d6b7531b4efff3b6587d9aade6a06c"
)
ACTIONS = (CHECKOUT, PYTHON, UPLOAD, DOWNLOAD, CREDENTIALS)
