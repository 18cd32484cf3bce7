"""A real browser, driven by the W3C's WebDriver protocol (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_SECONDS = 120
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing() -> str | None:
    """What is not installed, and how it is to be had; None, if there is a browser."""
    if shutil.which("chromedriver") and shutil.which("chromium"):
        return None
    return "there is no browser here: apt install chromium chromium-driver"


class Browser:
    """One window. css: of one element, the first one; script: of a function's body, with `arguments`."""

    def __init__(self, session: str) -> None:
        self._session = session

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def texts(self, css: str) -> list[str]:
        return list(
            self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", css)
        )

    def click(self, css: str) -> None:
        """Scrolls there first, as whoever clicks does."""
        self._ask("POST", f"/element/{self._find(css)}/click", {})

    def press(self, *keys: str) -> None:
        """Keys of the keyboard, one after another, on whatever has the focus."""
        downs = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": downs}]
        self._ask("POST", "/actions", {"actions": actions})

    def look(self, width: int, height: int, *, dark: bool = False) -> None:
        """As a window of so many pixels; nothing moves by itself in it."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._chrome("Emulation.setDeviceMetricsOverride", size)
        wishes = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in wishes.items()]
        self._chrome("Emulation.setEmulatedMedia", {"features": features})

    def photograph(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def complaints(self) -> list[str]:
        """What the console has of errors since it was asked last; refused scripts are among them."""
        entries = self._ask("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def _find(self, css: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": css})
        return str(found[_ELEMENT])

    def _chrome(self, command: str, parameters: dict[str, Any]) -> None:
        self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        return _ask(method, f"{self._session}{path}", document)


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """profile: an empty folder of the browser's own."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert driver.stdout
    try:
        port = next(found[1] for line in driver.stdout if (found := re.search(r"on port (\d+)\.", line)))
        url = f"http://127.0.0.1:{port}/session"
        options = {"binary": shutil.which("chromium"), "args": [*_FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = f"{url}/{_ask('POST', url, {'capabilities': {'alwaysMatch': wanted}})['sessionId']}"
        try:
            yield Browser(session)
        finally:
            _ask("DELETE", session)
    finally:
        driver.terminate()
        driver.wait(10)
        driver.stdout.close()


def _ask(method: str, url: str, document: Any = None) -> Any:
    body = None if document is None else json.dumps(document).encode()
    request = Request(url, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=_SECONDS) as told:
            return json.load(told)["value"]
    except HTTPError as error:
        value = json.load(error)["value"]
        raise AssertionError(f"{value['error']}: {value['message']}") from None
