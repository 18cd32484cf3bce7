"""python -m engine: train, judge and use recommendation models."""

import sys

from engine.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
