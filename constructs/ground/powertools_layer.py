"""AWS Lambda Powertools, once per stack, for all of its functions."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.function_code import LAMBDA_SRC
from constructs.ground.pip_layer import PipLayer, PipLayerProps

_ID = "Powertools"


def powertools_layer(scope: Construct) -> lambda_.ILayerVersion:
    """The layer of the stack that the scope is in; the first function of a stack makes it."""
    stack = cdk.Stack.of(scope)
    made = stack.node.try_find_child(_ID)
    if made is not None:
        return cast(lambda_.LayerVersion, made.node.find_child("Version"))
    requirements = LAMBDA_SRC / "requirements-powertools.txt"
    props = PipLayerProps(requirements=requirements, description="AWS Lambda Powertools")
    return PipLayer(stack, _ID, props).version
