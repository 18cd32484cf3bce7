"""Speed, memory, quality and losses, measured; `python -m benchmarks` lists them."""

import os
import sys
from pathlib import Path

# Whatever is configured here: figures of one business can be compared.
os.environ["RECS_CONFIG"] = "tests/app/support/business"
# The functions' modules are imported as in a function: from the top.
sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))
