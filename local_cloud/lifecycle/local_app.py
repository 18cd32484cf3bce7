"""The CDK app with nothing but the stage of this machine: the same templates, sooner.

`python -m local_cloud.lifecycle.local_app standby` has its standby region too.
"""

import sys
from dataclasses import replace

from app import synthesise
from config.stages import LOCAL, LOCAL_STANDBY
from local_cloud.lifecycle.cdk import STANDBY

if __name__ == "__main__":
    asked = STANDBY in sys.argv[1:]
    synthesise((replace(LOCAL, standby_regions=(LOCAL_STANDBY,)) if asked else LOCAL,))
