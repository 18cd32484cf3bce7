"""Layers of functions: Python of a layer is found, behind the function's own; foreign machine code is not."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.local_cloud.support.functions import invoke, with_function
from tests.local_cloud.support.stacks import Stack, Stacks, ref

CODE = """
def handler(event, context):
    found = {}
    for name in ("shop", "numpy", "compiled"):
        try:
            module = __import__(name)
            found[name] = getattr(module, "WORDS", "a package")
        except ImportError:
            found[name] = None
    return found
"""
BUCKET = "layers"


def stored(stack: Stack, key: str, files: Mapping[str, str]) -> dict[str, str]:
    s3, archive = stack.stacks.aws.client("s3"), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    s3.put_object(Bucket=BUCKET, Key=key, Body=archive.getvalue())
    return {"S3Bucket": BUCKET, "S3Key": key}


def layer(content: dict[str, str]) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": content}}


def test_a_layer_of_pure_python_is_found_and_others_are_not(stacks: Stacks) -> None:
    empty = stacks.create({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": BUCKET}}})
    pure = stored(
        empty,
        "pure.zip",
        {
            "python/shop/__init__.py": "WORDS = 'of the layer'",
            "python/numpy.py": "WORDS = 'not the real one'",
        },
    )
    machine_code = stored(
        empty, "compiled.zip", {"python/compiled.py": "WORDS = 'of it'", "python/fast.cpython-313.so": ""}
    )
    layers = {"Pure": layer(pure), "Compiled": layer(machine_code)}

    stack = stacks.create({**with_function(CODE, Layers=[ref("Pure"), ref("Compiled")]), **layers})

    assert invoke(stack)["Payload"] == {"shop": "of the layer", "numpy": "a package", "compiled": None}

    changed = stored(empty, "changed.zip", {"python/shop/__init__.py": "WORDS = 'of the next'"})
    stack.update({**with_function(CODE, Layers=[ref("Next")]), "Next": layer(changed)})

    assert invoke(stack)["Payload"]["shop"] == "of the next"
