"""Step Functions: moto's interpreter, mended so that the deployed JSONata definitions run unchanged."""

from local_cloud.interpreter.install import install

__all__ = ["install"]
