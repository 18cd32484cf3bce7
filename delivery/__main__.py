"""`python -m delivery`, from the root of the repository."""

import sys

from delivery.command import main

sys.exit(main(sys.argv[1:]))
