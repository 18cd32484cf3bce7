"""The demo of a migration: simulated people, two engines side by side, a ramp, Personalize left behind."""

import sys
from pathlib import Path

# The functions' modules are imported as in a function: from the top.
sys.path.insert(0, str(Path(__file__).parents[2] / "lambda_src"))
