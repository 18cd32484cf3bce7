"""Speed, memory, quality and losses, measured; `python -m benchmarks` lists them."""

import sys
from pathlib import Path

# The functions' modules are imported as in a function: from the top.
sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))
