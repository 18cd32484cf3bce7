"""`python -m review`, from the root of the repository."""

import sys

from review.command import main

sys.exit(main(sys.argv[1:]))
