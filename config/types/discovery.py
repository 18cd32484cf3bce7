"""Values that each stand in a Python file of a folder of their own."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from config.types.errors import ConfigError, Problem
from config.types.mistakes import mistake


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True)
class Folders(Generic[T]):
    """kind: of the value, as in `UseCase`. title: in words. file, variable: where each folder holds it."""

    kind: type[T]
    title: str
    file: str
    variable: str

    def discover(self, folder: Path) -> tuple[T, ...]:
        """The value of every sub-folder, by name; none of a folder that is not there.

        Raises: ConfigError, which lists all faulty folders.
        """
        entries = folder.iterdir() if folder.is_dir() else ()
        places = sorted(place for place in entries if _may_hold_a_value(place))
        loaded = [self._load(place) for place in places]
        problems = [problem for problem in loaded if isinstance(problem, Problem)]
        if problems:
            raise ConfigError(problems)
        return tuple(value for value in loaded if not isinstance(value, Problem))

    def _load(self, place: Path) -> T | Problem:
        file, about = place / self.file, f"{self.title} {place.name}"
        if not file.is_file():
            return Problem(about, self.file, None, f"the folder of a {self.title} holds a {self.file}")
        name = f"config.{place.parent.name}.{place.name}.{file.stem}"
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as problem:
            return mistake(problem, file, about, vars(module))
        value = getattr(module, self.variable, None)
        if not isinstance(value, self.kind):
            rule = f"must define {self.variable}, a {self.kind.__name__}"
            return Problem(about, self.file, value, rule)
        if value.name != place.name:
            return Problem(about, "name", value.name, "must be the name of its folder")
        return value


def _may_hold_a_value(place: Path) -> bool:
    """Python leaves its cache behind where another branch has a folder."""
    if not place.is_dir() or place.name.startswith(("_", ".")):
        return False
    return {entry.name for entry in place.iterdir()} != {"__pycache__"}
