"""Mutations that change nothing anybody could see, each with its reason: equivalent.toml."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from tests.prove.mutants.mutations import Mutation

LISTED = Path(__file__).parent / "equivalent.toml"
_MEMBERS = ("path", "code", "before", "after", "reason")


class Equivalent:
    """The listed ones: a mutation is one of them by its file, the code of its line, and what becomes what."""

    def __init__(self, root: Path, listed: Path = LISTED) -> None:
        """Raises: ValueError, if an entry has other members than these, or its line is gone from the file."""
        self._root = root
        self._known: set[tuple[str, ...]] = set()
        wrong = []
        for number, entry in enumerate(tomllib.loads(listed.read_text())["mutation"], start=1):
            texts = all(isinstance(each, str) and each for each in entry.values())
            if set(entry) != set(_MEMBERS) or not texts:
                wrong.append(f"mutation {number}: has {sorted(entry)}, takes texts {', '.join(_MEMBERS)}")
            elif entry["code"] not in self._lines(entry["path"]):
                wrong.append(f"mutation {number}: {entry['path']} has no line {entry['code']!r}, remove it")
            else:
                self._known.add(tuple(entry[name] for name in _MEMBERS[:-1]))
        if wrong:
            raise ValueError(f"{listed}: " + "; ".join(wrong))

    def __contains__(self, mutation: Mutation) -> bool:
        lines = list(self._lines(str(mutation.path)))
        code = lines[mutation.line - 1] if mutation.line <= len(lines) else ""
        return (str(mutation.path), code, mutation.before, mutation.after) in self._known

    def _lines(self, path: str) -> Iterable[str]:
        file = self._root / path
        return [line.strip() for line in file.read_text().splitlines()] if file.is_file() else []
