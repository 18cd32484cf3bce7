"""The code of every function, one asset, and that of the engine, which is a layer of some."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_


def _source(package: str) -> Path:
    """Within the package where that was installed from a wheel, beside it in the repository."""
    beside, within = (Path(__file__).parents[levels] / package for levels in (2, 1))
    return within if within.is_dir() else beside


LAMBDA_SRC = _source("lambda_src")
ENGINE = _source("engine")


def function_code() -> lambda_.Code:
    """lambda_src as it is; caches would change its hash, and layer requirements are no code."""
    return lambda_.Code.from_asset(
        str(LAMBDA_SRC), exclude=["**/__pycache__", "**/*.pyc", "requirements-*.txt"]
    )
