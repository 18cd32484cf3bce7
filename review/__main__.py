"""`python -m review`, from the root of the repository."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from config.telling import mistakes_told
from review.planning.command import DEPLOY_PLAN, main

if sys.argv[1:2] == [DEPLOY_PLAN]:
    sys.exit(main(sys.argv[1:]))

# Only reports need what stages are made of.
with mistakes_told():
    from review.costing import costs
    from review.report.command import main as report

sys.exit(report(sys.argv[1:], partial(costs, today=datetime.now(UTC).date())))
