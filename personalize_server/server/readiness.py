"""Which of a server's processes have everything at hand: each leaves a mark that the others see."""

from pathlib import Path


class Readiness:
    """Of the process with this number among so many."""

    def __init__(self, folder: Path, number: int = 0, processes: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._own = folder / str(number)
        self._all = [folder / str(other) for other in range(processes)]
        self.draining = False

    def begin(self) -> None:
        """Everything that is deployed has been loaded."""
        if not self.draining:
            self._own.touch()

    def drain(self) -> None:
        """The process will end: it still answers, but should not be asked any more."""
        self.draining = True
        self._own.unlink(missing_ok=True)

    def everywhere(self) -> bool:
        """Whoever answers the next request has everything at hand."""
        return not self.draining and all(mark.exists() for mark in self._all)


def not_ready(folder: Path, number: int = 0) -> None:
    """The process with this number is not there yet, or no longer."""
    (folder / str(number)).unlink(missing_ok=True)
