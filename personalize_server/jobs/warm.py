"""Loaded once into the process that job processes are forked from, so that each of them starts warm."""

from personalize_server.attribution import reporting  # noqa: F401
from personalize_server.objects.s3 import warm_up

warm_up()
