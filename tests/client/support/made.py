"""What is made of the client's sources: `make client` writes it anew.

The types are those of the API's description as every stage has it, without use cases, by
`openapi-typescript`; JavaScript and declarations are made by TypeScript, which checks all types first.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.openapi.document import document
from pipeline.serving.settings import ApiSettings, Endpoint

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "client_typescript"
TYPES, BUILT = CLIENT / "src" / "api.ts", CLIENT / "built"
_BIN = ROOT / "node_modules" / ".bin"


def node() -> str:
    """Installed with the Python packages, or any other."""
    own = Path(sys.executable).with_name("node")
    command = str(own) if own.exists() else shutil.which("node")
    assert command, "Node.js is installed with the tools"
    return command


def write_types(target: Path, endpoints: tuple[Endpoint, ...] = ()) -> None:
    """Of a stage that notifies, whose people have tokens."""
    settings = ApiSettings(stage="prod", authorization="jwt", endpoints=endpoints, notifies=True)
    description = target.with_suffix(".openapi.json")
    description.write_text(json.dumps(document(settings)), encoding="utf-8")
    try:
        _run("openapi-typescript", str(description), "--output", str(target))
    finally:
        description.unlink()


def build(target: Path) -> None:
    _run("tsc", "--project", str(CLIENT), "--outDir", str(target))


def check(*options: str) -> None:
    """Types only."""
    _run("tsc", "--noEmit", *options)


def _run(tool: str, *arguments: str) -> None:
    """Raises: AssertionError, with what the tool says, if it fails."""
    command = [node(), str(_BIN / tool), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{tool}: {done.stdout}{done.stderr}"


if __name__ == "__main__":
    write_types(TYPES)
    shutil.rmtree(BUILT, ignore_errors=True)
    build(BUILT)
