"""`python -m delivery`, from the root of the repository."""

import sys

from config.telling import mistakes_told

with mistakes_told():
    from delivery.command import main

sys.exit(main(sys.argv[1:]))
