"""What a server is told to let fail, for tests of code that has to notice it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from personalize_server.facts.resources import RESOURCES

UPDATED = ("Campaign", "Dataset", "Recommender", "Solution")
"""kinds with updates whose status is shown"""
OPERATIONS = (
    *(f"Create{kind}" for kind, facts in RESOURCES.items() if facts.words and kind != "RecommenderTraining"),
    *(f"Update{kind}" for kind in UPDATED),
)
"""those that begin what may end in CREATE FAILED"""


@dataclass(frozen=True)
class MadeToFail:
    """`rules`: operation and the end of ARNs, in which `*` stands for anything."""

    rules: Sequence[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        """Raises: ValueError, for operations that end at once or are none."""
        unknown = sorted({operation for operation, _ in self.rules} - set(OPERATIONS))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} cannot be made to fail, only {', '.join(OPERATIONS)}")

    def reason(self, operation: str, arn: str) -> str | None:
        """The failureReason of what the operation begins; None: it is carried out.

        arn: of a resource; `arn:aws:personalize:<region>:<account>:solution/shop` ends in `shop`.
        """
        end = arn.partition("/")[2]
        if any(name == operation and fnmatchcase(end, pattern) for name, pattern in self.rules):
            return f"The server was started with --fail for {operation}."
        return None
