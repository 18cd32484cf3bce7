"""What becomes of data when its stack goes."""

import aws_cdk as cdk


def removal(*, retain: bool) -> cdk.RemovalPolicy:
    """Retained, but for a creation that fails: leftovers that nobody knows of would keep the names."""
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if retain else cdk.RemovalPolicy.DESTROY
