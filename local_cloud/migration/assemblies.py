"""`python -m local_cloud.migration.assemblies FOLDER`: what each part of the demo deploys, a folder each.

Layers are empty: on this machine functions find the packages that it has.
"""

import sys
from pathlib import Path

from app import build_app
from local_cloud.migration.stage import PARTS, STAGE


def main(folder: Path) -> None:
    for part, use_case in PARTS.items():
        assembly = folder / part
        build_app(
            (STAGE,), (use_case,), (), outdir=str(assembly), context={"aws:cdk:bundling-stacks": []}
        ).synth()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
