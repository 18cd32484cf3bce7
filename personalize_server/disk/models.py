"""Trained models on disk, each in a folder of its own."""

from pathlib import Path

from engine.ground.errors import ArtifactError
from engine.serving import artifacts
from engine.serving.trained_model import Model
from personalize_server.facts.failures import Damaged

MODEL_FILE = "model"
_REMEDY = "Restore it from a backup, or train again."


def load_model(folder: Path, *, verify: bool = True) -> Model:
    """Mapped into memory; without `verify` its arrays are taken for what they were.

    Raises: Damaged, if it is missing, or another one than was written.
    """
    try:
        return artifacts.load(folder / MODEL_FILE, verify=verify)
    except OSError as problem:
        what = f"{MODEL_FILE}: {problem.strerror}"
    except ArtifactError as problem:
        what = str(problem).replace(str(folder / MODEL_FILE), MODEL_FILE)
    raise Damaged(f"{folder.parent.name}/{folder.name} is damaged ({what}). {_REMEDY}")
