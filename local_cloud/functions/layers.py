"""Layers that run here as they would in Lambda: those of pure Python."""

import io
import zipfile
from pathlib import Path
from typing import Any

from moto.awslambda.models import lambda_backends

from local_cloud.functions.code_store import CodeStore

_PYTHON = "python"
"""Below /opt, where Lambda's Python looks for what a layer brings."""
_COMPILED = (".so", ".pyd", ".dylib")


def arns(function: Any) -> tuple[str, ...]:
    return tuple(layer["Arn"] for layer in function.layers)


def python_folders(function: Any, store: CodeStore) -> tuple[Path, ...]:
    """Of the function's layers, in their order.

    One with compiled files is passed over: they are of Lambda's platform, and the interpreter here has the
    same packages of its own. So is one that was deleted since, which Lambda would have kept.
    """
    backend = lambda_backends[function.account_id][function.region]
    found = []
    for arn in arns(function):
        version = backend.layers_versions_by_arn(arn)
        if version is not None and _is_pure_python(version.code_bytes):
            found.append(store.folder(version.code_bytes, version.code_sha_256) / _PYTHON)
    return tuple(found)


def _is_pure_python(archive: bytes) -> bool:
    if not archive:
        return False
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        names = zipped.namelist()
    return any(name.startswith(f"{_PYTHON}/") for name in names) and not any(
        name.endswith(_COMPILED) or ".so." in name for name in names
    )
