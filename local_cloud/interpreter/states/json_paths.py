"""JSONPath: a path to one place is its value, any other the list of what it finds, which may be empty."""

import re
import sys
from functools import lru_cache
from typing import Any

from jsonpath_ng import jsonpath
from jsonpath_ng.ext.parser import parse
from moto.stepfunctions.parser.asl.utils import json_path

_ENDS_IN_INDEX = re.compile(r"\[-?\d+\]$")


def is_definite(path: Any) -> bool:
    """Of names and single indexes only; wildcards, slices, filters and descents may find any number."""
    match path:
        case jsonpath.Root() | jsonpath.This():
            return True
        case jsonpath.Child():
            return is_definite(path.left) and is_definite(path.right)
        case jsonpath.Fields():
            return len(path.fields) == 1 and path.fields[0] != "*"
        case jsonpath.Index():
            return len(getattr(path, "indices", (0,))) == 1
        case _:
            return False


@lru_cache(maxsize=1024)
def _parsed(path: str) -> tuple[Any, bool]:
    # Java's JSONPath writes a conjunction && in filters, this library &.
    parsed = parse(path.replace("&&", "&"))
    return parsed, is_definite(parsed)


def extract(path: str, data: Any) -> Any:
    """Raises: NoSuchJsonPathError, if a path to one place leads nowhere."""
    parsed, definite = _parsed(path)
    found = [match.value for match in parsed.find(data)]
    if definite:
        if not found:
            raise json_path.NoSuchJsonPathError(json_path=path, data=data)
        return found[0]
    # Step Functions takes a single value out of its list, if the path ends in an index.
    return found[0] if len(found) == 1 and _ENDS_IN_INDEX.search(path) else found


def install() -> None:
    stock = json_path.extract_json
    # The parser's modules import the function by name.
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and getattr(module, "extract_json", None) is stock:
            module.extract_json = extract  # type: ignore[attr-defined]
