"""`python -m review`, from the root of the repository."""

import sys

from review.planning.command import DEPLOY_PLAN, main
from review.report.command import main as report

arguments = sys.argv[1:]
sys.exit(main(arguments) if arguments[:1] == [DEPLOY_PLAN] else report(arguments))
