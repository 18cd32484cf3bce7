"""`python -m costs`, from the root of the repository."""

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from config.telling import mistakes_told

with mistakes_told():
    from costs.command import main

sys.exit(main(sys.argv[1:], datetime.now(UTC).date()))
