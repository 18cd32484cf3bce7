"""Processes in which functions of a local cloud run, whichever way they were started."""

from pathlib import Path

import psutil

_FOLDER = "functions-"


def running(state: Path, handler: str = "") -> list[psutil.Process]:
    """Of the local cloud with its state in this folder; handler: of this one, none means all."""
    place = state.resolve()
    return [
        process
        for process in psutil.process_iter()
        if any(_is_log_of(path, place, handler) for path in _files(process))
    ]


def _files(process: psutil.Process) -> list[Path]:
    try:
        return [Path(file.path) for file in process.open_files() if file.mode == "a"]
    except psutil.Error:
        return []


def _is_log_of(path: Path, place: Path, handler: str) -> bool:
    is_of_cloud = path.is_relative_to(place) and path.parent.name.startswith(_FOLDER)
    return is_of_cloud and path.suffix == ".log" and path.name.startswith(handler)
