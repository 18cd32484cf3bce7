"""Loaded once into the process that processes of jobs, reports and images are forked from, to start warm.

An image is of data that may be replaced while it is made: it must not take longer to begin than an import.
"""

from personalize_server.answers import image_store  # noqa: F401
from personalize_server.attribution import reporting  # noqa: F401
from personalize_server.objects.s3 import warm_up

warm_up()
