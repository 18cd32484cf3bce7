"""The code of every function: one asset."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_

LAMBDA_SRC = Path(__file__).parents[2] / "lambda_src"


def function_code() -> lambda_.Code:
    """lambda_src as it is; caches would change its hash, and layer requirements are no code."""
    return lambda_.Code.from_asset(
        str(LAMBDA_SRC), exclude=["**/__pycache__", "**/*.pyc", "requirements-*.txt"]
    )
