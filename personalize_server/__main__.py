"""`python -m personalize_server`."""

import sys

from personalize_server.cli import main

if __name__ == "__main__":
    sys.exit(main())
