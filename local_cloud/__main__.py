"""`python -m local_cloud`."""

import signal
import sys
from pathlib import Path

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until `main` undoes what it began, Ctrl-C has nothing to undo: it ends the imports at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from config.telling import mistakes_told

with mistakes_told():
    from local_cloud.cli import main

if __name__ == "__main__":
    sys.exit(main())
