"""`python -m verification`, from the root of the repository."""

import sys

from config.telling import mistakes_told

with mistakes_told():
    from verification.cli import main

sys.exit(main(sys.argv[1:]))
