"""The code of every function: one asset."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_

_BESIDE, _WITHIN = (Path(__file__).parents[levels] / "lambda_src" for levels in (2, 1))
LAMBDA_SRC = _WITHIN if _WITHIN.is_dir() else _BESIDE
"""Within the package where that was installed from a wheel, beside it in the repository."""


def function_code() -> lambda_.Code:
    """lambda_src as it is; caches would change its hash, and layer requirements are no code."""
    return lambda_.Code.from_asset(
        str(LAMBDA_SRC), exclude=["**/__pycache__", "**/*.pyc", "requirements-*.txt"]
    )
