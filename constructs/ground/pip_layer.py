"""Lambda layers of third-party packages, built by pip for Lambda's platform, without Docker."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.pip_build import PipBuild


@dataclass(frozen=True, kw_only=True)
class PipLayerProps:
    """requirements: a file in which every package, also the indirect ones, is pinned."""

    requirements: Path
    description: str


class PipLayer(Construct):
    """A layer that changes when its requirements or its platform do, and only then."""

    def __init__(self, scope: Construct, construct_id: str, props: PipLayerProps) -> None:
        super().__init__(scope, construct_id)
        build = PipBuild(requirements=props.requirements)
        self.version = lambda_.LayerVersion(
            self,
            "Version",
            description=props.description,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
            code=lambda_.Code.from_asset(
                str(props.requirements.parent),
                exclude=["*", f"!{props.requirements.name}"],
                asset_hash=build.fingerprint,
                asset_hash_type=cdk.AssetHashType.CUSTOM,
                bundling=cdk.BundlingOptions(
                    # Only ever reached when pip fails, and then it says so.
                    image=cdk.DockerImage.from_registry("scratch"),
                    local=cast(cdk.ILocalBundling, PipBundling(build)),
                ),
            ),
        )


@jsii.implements(cdk.ILocalBundling)
class PipBundling:
    """Hands a build to the CDK; hard links where the file system has them."""

    def __init__(self, build: PipBuild) -> None:
        self._build = build

    def try_bundle(self, output_dir: str, options: cdk.BundlingOptions) -> bool:
        shutil.copytree(self._build.folder(), output_dir, dirs_exist_ok=True, copy_function=_link_or_copy)
        return True


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
