"""Lambda layers of pure Python: a package of this repository, for functions that do more than their steps."""

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.layer_cache import built_once, cache_folder


@dataclass(frozen=True, kw_only=True)
class SourceLayerProps:
    """package: a folder of Python, imported by its own name."""

    package: Path
    description: str


class SourceLayer(Construct):
    """A layer that changes when a file of the package does, and only then."""

    def __init__(self, scope: Construct, construct_id: str, props: SourceLayerProps) -> None:
        super().__init__(scope, construct_id)
        build = SourceBuild(package=props.package)
        self.version = lambda_.LayerVersion(
            self,
            "Version",
            description=props.description,
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
            code=lambda_.Code.from_asset(
                str(build.folder()), asset_hash=build.fingerprint, asset_hash_type=cdk.AssetHashType.CUSTOM
            ),
        )


@dataclass(frozen=True)
class SourceBuild:
    """The package below `python/`, where Lambda looks, in a folder that is named by its content.

    The CDK does not run a bundling for every synth, and the local cloud runs what is in here.
    """

    package: Path
    cache: Path = field(default_factory=cache_folder)

    @property
    def files(self) -> tuple[Path, ...]:
        """Relative to the package, in order; what Python compiles by itself is left out."""
        found = (path for path in self.package.rglob("*") if path.is_file())
        relative = sorted(path.relative_to(self.package) for path in found)
        return tuple(path for path in relative if "__pycache__" not in path.parts)

    @property
    def fingerprint(self) -> str:
        content = hashlib.sha256(self.package.name.encode())
        for file in self.files:
            text = (self.package / file).read_bytes()
            content.update(f"\0{file.as_posix()}\0{len(text)}\0".encode() + text)
        return content.hexdigest()

    def folder(self) -> Path:
        """The finished folder, made first if need be; it appears whole or not at all."""
        return built_once(self.cache, self.fingerprint, self._copy)

    def _copy(self, content: Path) -> None:
        for file in self.files:
            target = content / "python" / self.package.name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.package / file, target)
