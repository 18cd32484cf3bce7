"""Lambda layers of third-party packages, built by pip for Lambda's platform, without Docker."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.layer_cache import built_once, cache_folder

PYTHON = "3.13"
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")
"""Amazon Linux 2023 has glibc 2.34, and wheels name the oldest that they run on."""


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


@dataclass(frozen=True)
class PipBuild:
    """Packages in a folder of the cache that is named by everything they depend on."""

    requirements: Path
    cache: Path = field(default_factory=cache_folder)

    @property
    def fingerprint(self) -> str:
        parts = (self.requirements.read_text(encoding="utf-8"), PYTHON, *PLATFORMS)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def folder(self) -> Path:
        """The finished folder, built first if need be; it appears whole or not at all."""
        return built_once(self.cache, self.fingerprint, lambda content: self._install(content / "python"))

    def _install(self, target: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        subprocess.run(
            [
                *pip,
                *("--no-compile", "--no-deps", "--only-binary", ":all:", "--implementation", "cp"),
                *("--python-version", PYTHON, *platforms),
                *("--target", str(target), "--requirement", str(self.requirements)),
            ],
            check=True,
            stdout=sys.stderr,
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


if __name__ == "__main__":
    for file in sys.argv[1:]:
        PipBuild(requirements=Path(file)).folder()
