"""`python -m operations`, from the root of the repository."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from config.telling import mistakes_told

with mistakes_told():
    from operations.cli import main

sys.exit(main(sys.argv[1:]))
