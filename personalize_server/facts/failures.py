"""Why a background job ends as CREATE FAILED."""


class JobFailed(Exception):
    """The text becomes the resource's failureReason."""


class Damaged(JobFailed):
    """What is on disk is not what was written there; the text says what and where, and what to do."""
