"""Loaded once into the process that processes of jobs, reports and images are forked from, to start warm.

An image is of data that may be replaced while it is made: it must not take longer to begin than an import.
Each of them would import anew what is missing here, which takes longer than many a training.
"""

import gc

from personalize_server.answers import image_store  # noqa: F401
from personalize_server.attribution import imports, reporting  # noqa: F401
from personalize_server.data import csv_export, csv_import, erasure  # noqa: F401
from personalize_server.jobs import batch, job_process, segments  # noqa: F401
from personalize_server.objects import finding  # noqa: F401
from personalize_server.objects.s3 import warm_up
from personalize_server.training import auto_ml, run  # noqa: F401

warm_up()
# What is loaded stays: whoever is forked shares it, where looking through it would copy it.
gc.freeze()
