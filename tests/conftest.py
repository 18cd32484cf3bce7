"""Tests bring a business of their own: whatever config/ holds, they and all that they start read that one.

The configuration of this installation is in tests.app.support.installed, for what is to be said of it.
"""

import os

os.environ.setdefault("INSTALLED_CONFIG", os.environ.get("RECS_CONFIG", ""))
os.environ["RECS_CONFIG"] = "tests/app/support/business"
