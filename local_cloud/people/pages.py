"""Folders that are served as pages: what a page needs is put together of several, file by file."""

import json
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from local_cloud.ground.settings import Settings
from local_cloud.people.addresses import PAGE_PATH

RECORD = "page.json"
DATA = "page"
"""In the state folder: what is served, and the page's own data."""
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json"}
_TEXT = ("text/", "application/json", "image/svg")

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]


def publish(state_dir: Path, folders: Mapping[str, Path], data: Mapping[str, Any]) -> None:
    """folders: by the beginning of their addresses below the page's; `""` is the page itself. data: documents
    of JSON by name, served as `data/<name>.json`. Whoever asks gets the new ones from now on.
    """
    place = state_dir / DATA
    place.mkdir(parents=True, exist_ok=True)
    for name, document in data.items():
        _write(place / f"{name}.json", document)
    _write(state_dir / RECORD, {**{name: str(path) for name, path in folders.items()}, "data": str(place)})


def published(state_dir: Path) -> Mapping[str, Path]:
    """Folders by the beginning of their addresses; none, if nothing is served."""
    try:
        record = json.loads((state_dir / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: Path(folder) for name, folder in record.items()}


def _write(path: Path, document: Any) -> None:
    """Readers see whole files only."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)


class Pages:
    """A WSGI app in front of another one; files are read anew for every request.

    A page may load what is served beside it, and ask the gateway; what is written into it is no script.
    """

    def __init__(self, others: WsgiApp, settings: Settings) -> None:
        self._others = others
        self._state_dir = settings.state_dir
        self._headers = {
            "Content-Security-Policy": "; ".join(
                [
                    "default-src 'none'",
                    "script-src 'self'",
                    "style-src 'self'",
                    "img-src 'self' data:",
                    f"connect-src 'self' {settings.gateway_url}",
                    "base-uri 'none'",
                    "form-action 'none'",
                    "frame-ancestors 'none'",
                ]
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != PAGE_PATH and not path.startswith(f"{PAGE_PATH}/"):
            return self._others(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._answer(start_response, "405 Method Not Allowed", b"", {"Allow": "GET, HEAD"})
        if path == PAGE_PATH:
            return self._answer(start_response, "308 Permanent Redirect", b"", {"Location": f"{PAGE_PATH}/"})
        folders = published(self._state_dir)
        if not folders:
            text = b"There is no page: `make demo` publishes what config/demo.py names.\n"
            return self._answer(start_response, "404 Not Found", text, {"Content-Type": "text/plain"})
        file = found(folders, path.removeprefix(f"{PAGE_PATH}/").encode("latin-1").decode("utf-8", "replace"))
        if file is None:
            text = b"There is no such file.\n"
            return self._answer(start_response, "404 Not Found", text, {"Content-Type": "text/plain"})
        return self._answer(start_response, "200 OK", file.read_bytes(), {"Content-Type": kind_of(file)})

    def _answer(
        self, start_response: Any, status: str, body: bytes, headers: Mapping[str, str]
    ) -> Iterable[bytes]:
        shown = {**self._headers, **headers, "Content-Length": str(len(body))}
        start_response(status, list(shown.items()))
        return [body]


def found(folders: Mapping[str, Path], path: str) -> Path | None:
    """The file of the address; None, if there is none, or it lies elsewhere than below its folder."""
    beginning, _, rest = path.partition("/")
    folder, name = (folders[beginning], rest) if rest and beginning in folders else (folders.get(""), path)
    if folder is None or "\0" in name:
        return None
    root = folder.resolve()
    file = (root / (name or "index.html")).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None


def kind_of(file: Path) -> str:
    """Its media type, with the encoding of texts."""
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind
