"""The code of functions, unpacked once per content."""

import io
import shutil
import tempfile
import zipfile
from pathlib import Path
from threading import Lock


class CodeStore:
    """Folders of unpacked code below `root`, named by the hash of what was deployed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()

    def folder(self, archive: bytes, digest: str) -> Path:
        folder = self._root / digest.replace("/", "_").replace("+", "-").rstrip("=")
        with self._lock:
            if not folder.exists():
                unpacked = Path(tempfile.mkdtemp(dir=self._root))
                with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                    zipped.extractall(unpacked)
                unpacked.rename(folder)
        return folder

    def remove(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
