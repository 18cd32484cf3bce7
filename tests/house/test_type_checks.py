"""What mypy is told to read is what the code uses."""

import ast
import tomllib

from tests.house.rooms import FILES, FOLDERS, ROOT

CDK = "aws_cdk"


def test_every_module_of_the_cdk_that_is_used_is_read_by_mypy() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    read = {
        module
        for override in settings["overrides"]
        if override.get("follow_imports") == "normal"
        for module in override["module"]
    }
    assert used() <= read, "add to [[tool.mypy.overrides]] of pyproject.toml"
    assert read - used() == {"aws_cdk._jsii"}, "nothing uses them"


def used() -> set[str]:
    found: set[str] = set()
    files = [
        *(ROOT / f"{file}.py" for file in FILES),
        *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")),
    ]
    for file in (file for file in files if CDK.encode() in file.read_bytes()):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
                if node.module == CDK:
                    found |= {f"{CDK}.{alias.name}" for alias in node.names if alias.name.startswith("aws_")}
    return {name for name in found if name.partition(".")[0] == CDK}
