"""`python -m verification`, from the root of the repository."""

import sys

from verification.cli import main

sys.exit(main(sys.argv[1:]))
