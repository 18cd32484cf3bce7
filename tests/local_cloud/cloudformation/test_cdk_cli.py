"""The real CDK CLI against the local cloud: bootstrap, deploy, diff, change, failure, destroy."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from botocore.exceptions import ClientError

from tests.local_cloud.support.cdk_cli import Cli
from tests.local_cloud.support.local_aws import serving

CODE = "def handler(event, context): return 'deployed'"


def assembly(folder: Path, name: str, *, mark: str, wrong: str = "") -> str:
    """A synthesised app of one stack with an asset, an inline function and a bucket that wants TLS."""
    app = cdk.App(outdir=str(folder / name), analytics_reporting=False)
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    stack = cdk.Stack(app, "Tiny", env=environment)
    code = folder / f"code-{mark}"
    code.mkdir(exist_ok=True)
    (code / "index.py").write_text(f"{CODE} + ' {mark}'")
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_asset(str(code)),
        environment={"MARK": mark},
    )
    s3.Bucket(stack, "Bucket", enforce_ssl=True, removal_policy=cdk.RemovalPolicy.DESTROY)
    if wrong:
        sns.CfnSubscription(
            stack, wrong, protocol="sqs", topic_arn="arn:aws:sns:eu-west-1:123456789012:absent"
        )
    cdk.CfnOutput(stack, "Name", value=function.function_name)
    app.synth()
    return str(folder / name)


def deploy(cli: Cli, app: str, *more: str) -> Sequence[str]:
    return ("deploy", "--app", app, "--method", "direct", "--require-approval", "never", *more)


@pytest.mark.prove
def test_a_stack_lives_its_life_by_the_cli(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    first = assembly(tmp_path, "first", mark="one")
    second = assembly(tmp_path, "second", mark="two")
    wrong = assembly(tmp_path, "wrong", mark="three", wrong="Wrong")
    wrong_again = assembly(tmp_path, "wrong again", mark="four", wrong="Mistaken")
    with serving(tmp_path_factory.mktemp("cloud")) as aws:
        cli = Cli(aws, tmp_path)
        formation, functions = aws.client("cloudformation"), aws.client("lambda")

        cli.succeed("bootstrap", "aws://123456789012/eu-west-1")
        cli.succeed(*deploy(cli, first))
        stack = formation.describe_stacks(StackName="Tiny")["Stacks"][0]
        name = stack["Outputs"][0]["OutputValue"]
        assert functions.invoke(FunctionName=name)["Payload"].read() == b'"deployed one"'

        assert "(no changes)" in cli.succeed(*deploy(cli, first))
        difference = cli.succeed("diff", "--app", second)
        assert "[-] one" in difference and "[+] two" in difference

        cli.succeed(*deploy(cli, second))
        assert functions.invoke(FunctionName=name)["Payload"].read() == b'"deployed two"'

        failed = cli.run(*deploy(cli, wrong))
        assert failed.returncode == 1
        assert "AWS::SNS::Subscription" in failed.stdout
        assert "Topic does not exist" in failed.stdout
        assert functions.invoke(FunctionName=name)["Payload"].read() == b'"deployed two"'

        failed = cli.run(*deploy(cli, wrong_again))
        assert failed.returncode == 1
        assert "Mistaken" in failed.stdout
        assert "Wrong" not in failed.stdout

        cli.succeed("destroy", "--app", second, "--force")
        with pytest.raises(ClientError, match="does not exist"):
            formation.describe_stacks(StackName="Tiny")
        assert functions.list_functions()["Functions"] == []
