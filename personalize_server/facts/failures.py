"""Why a background job ends as CREATE FAILED."""


class JobFailed(Exception):
    """The text becomes the resource's failureReason."""
