"""What is said to be gone is believed up to a point: a wrong token, region or version looks the same."""

from __future__ import annotations

from ...errors import ApiError
from .job import Job

FEW = 20
"""Conversations that may be gone without a doubt; beyond them so many that a tenth of all are gone are not believed."""


def doubted(job: Job, gone: int, of: int) -> None:
    """Raises `ApiError` where more than a tenth of what was looked at is said to be gone, unless that is expected."""
    if gone <= FEW or gone * 10 <= of or job.settings.believe_deletions:
        return
    raise ApiError(
        f"intercom/conversation: {gone} of {of} conversations are said not to exist; that is not believed, and nothing"
        " is deleted here: check token, region and version. If they were deleted, sync with --believe-deletions",
        status=404,
    )
