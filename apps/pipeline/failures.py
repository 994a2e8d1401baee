"""The failure catalogue: what the customer is told for each kind of trouble. No exception text ever gets here."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "disk_full": "There was no space left to store your video. It is not your doing; please try again later.",
    "worker_lost": "Making this video stopped our machine several times, so we ended it. We have been told.",
    "step_timeout": "One step took far longer than it should, so we ended it. Please try again.",
    "file_missing": "A file that had been made could not be found again. Please try again; it will be made anew.",
    "storage_unavailable": "Our file storage could not be reached for a while. Please try again.",
    "quality_gate": "The finished video did not pass our own check, so we did not deliver it. Please try again.",
    "alignment_quality": "We could not time the words of your script to the voice well enough. Try another voice.",
    "blank_picture": "A picture came out empty several times. Please try again or change its description.",
    "child_failed": "Putting the film together failed. We have been told; please try again.",
    "child_killed": "Our machine ran short of something while it made your video. Please try again.",
    "database_unavailable": "Our database could not be reached for a while. Please try again.",
    "child_timeout": "Putting the film together took far too long, so we ended it. Please try again.",
}
APOLOGY = "Something went wrong on our side. We have been told, and nothing you wrote is lost. Please try again."


def sentence_for(code: str) -> str:
    """Return what the customer reads for `code`."""
    return SENTENCES.get(code, APOLOGY)
