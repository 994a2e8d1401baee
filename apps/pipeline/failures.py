"""The failure catalogue: what the customer is told for each kind of trouble. No exception text ever gets here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Whose trouble it was, in the words of the page."""

    REFUSED = "A service refused it"
    BUSY = "A service had trouble"
    TIMEOUT = "It took too long"
    OURS = "Our fault, not yours"
    YOURS = "It needs another choice of yours"

    @property
    def may_pass(self) -> bool:
        """Whether trying the same again can help."""
        return self not in (Kind.REFUSED, Kind.YOURS)


@dataclass(frozen=True)
class Failure:
    """Why it failed and what to do, each a whole sentence or two; `is_final`: the next try would end the same way."""

    kind: Kind
    reason: str
    advice: str
    is_final: bool = False

    @property
    def may_pass(self) -> bool:
        """Whether trying the same again can help."""
        return self.kind.may_pass and not self.is_final

    @property
    def sentence(self) -> str:
        return f"{self.reason} {self.advice}"


_TRY_AGAIN = "Try again; what is finished is not made twice."
_LATER = "Try again in a few minutes; what is finished is not made twice."
_NEW_WORDS = "Make a new video with other words."
_NEW_VOICE = "Make a new video with another voice, or with other words."
_OTHER_PICTURE = "Describe this picture otherwise; what is finished is not made twice."
_OTHER_SCENE = "Change the words of this scene, or make a new video with another voice."
_TOLD = "We have been told."

CATALOGUE: dict[str, Failure] = {
    "internal": Failure(
        Kind.OURS, f"Something went wrong on our side. {_TOLD} Nothing you wrote is lost.", "Please try again."
    ),
    "other_version": Failure(
        Kind.OURS, f"Our program changed while this video was made, and its pieces no longer fit. {_TOLD}", _TRY_AGAIN
    ),
    "worker_lost": Failure(
        Kind.OURS, f"Making this video stopped our machine several times, so we ended it. {_TOLD}", _TRY_AGAIN
    ),
    "disk_full": Failure(Kind.OURS, "There was no space left to store your video. It is not your doing.", _LATER),
    "file_missing": Failure(
        Kind.OURS, "A file that had been made could not be found again.", "Try again; it will be made anew."
    ),
    "file_damaged": Failure(
        Kind.OURS, "A file that had been made did not come back whole.", "Try again; it will be made anew."
    ),
    "quality_gate": Failure(
        Kind.OURS, "The finished video did not pass our own check, so we did not deliver it.", _TRY_AGAIN
    ),
    "child_failed": Failure(Kind.OURS, f"Working on the sound or the film failed. {_TOLD}", _TRY_AGAIN),
    "child_killed": Failure(Kind.OURS, "Our machine ran short of something while it made your video.", _LATER),
    "render_failed": Failure(Kind.OURS, f"Putting the film together failed. {_TOLD}", _TRY_AGAIN),
    "render_killed": Failure(Kind.OURS, "Our machine ran short of something while it made your film.", _LATER),
    "loudness_missed": Failure(Kind.OURS, f"We could not bring the sound to an even loudness. {_TOLD}", _TRY_AGAIN),
    "loudness_unread": Failure(Kind.OURS, f"We could not measure how loud the sound is. {_TOLD}", _TRY_AGAIN),
    "bad_picture": Failure(Kind.OURS, "One of the pictures could not be read again.", _TRY_AGAIN),
    "whisper_unusable": Failure(Kind.OURS, f"What times the words could not be started. {_TOLD}", _LATER),
    "step_timeout": Failure(Kind.TIMEOUT, "One step took far longer than it should, so we ended it.", _TRY_AGAIN),
    "child_timeout": Failure(Kind.TIMEOUT, "Working on the sound or the film took far too long.", _TRY_AGAIN),
    "render_stalled": Failure(Kind.TIMEOUT, "Putting the film together stood still, so we ended it.", _TRY_AGAIN),
    "render_deadline": Failure(Kind.TIMEOUT, "Putting the film together took far too long.", _TRY_AGAIN),
    "storage_unavailable": Failure(Kind.BUSY, "Our file storage could not be reached for a while.", _LATER),
    "database_unavailable": Failure(Kind.BUSY, "Our database could not be reached for a while.", _LATER),
    "rate_limited": Failure(Kind.BUSY, "The service was too busy for us for a while.", _LATER),
    "vendor_unreachable": Failure(Kind.BUSY, "A service we work with did not answer, several times.", _LATER),
    "vendor_trouble": Failure(Kind.BUSY, "A service we work with had trouble of its own, several times.", _LATER),
    "vendor_bad_answer": Failure(
        Kind.BUSY, "A service we work with sent back something that is of no use, several times.", _TRY_AGAIN
    ),
    "vendor_purse_empty": Failure(
        Kind.OURS, f"Our account with a service we work with is used up. {_TOLD}", "Try again tomorrow."
    ),
    "vendor_refuses_key": Failure(
        Kind.OURS, f"A service we work with does not let us in. {_TOLD}", "Try again in a few hours."
    ),
    "vendor_refuses_request": Failure(
        Kind.OURS, f"A service we work with did not understand us. {_TOLD}", "Try again in a few hours."
    ),
    "vendor_redirects": Failure(
        Kind.OURS, f"A service we work with is not where it was. {_TOLD}", "Try again in a few hours."
    ),
    "provider_not_set_up": Failure(
        Kind.YOURS, "What was to make this is no longer set up here.", "Make a new video with another voice."
    ),
    "writer_refused": Failure(Kind.REFUSED, "The writer will not write about this.", _NEW_WORDS),
    "text_refused": Failure(
        Kind.REFUSED, "We make no videos about this: it could do harm.", "Make a new video about something else."
    ),
    "spend_cap": Failure(
        Kind.OURS,
        f"Making this video would have cost us far more than it may, so we ended it. {_TOLD}",
        "Make a new video; trying this one again does not help.",
        is_final=True,
    ),
    "daily_budget": Failure(
        Kind.BUSY, "We have made as many videos today as our services allow.", "Try again tomorrow."
    ),
    "empty_script": Failure(Kind.BUSY, "The writer sent back no words, several times.", _TRY_AGAIN),
    "bad_script": Failure(Kind.BUSY, "The writer sent back a script that does not fit together.", _TRY_AGAIN),
    "voice_bad_audio": Failure(Kind.BUSY, "The voice sent back sound that cannot be these words.", _TRY_AGAIN),
    "alignment_quality": Failure(
        Kind.YOURS, "We could not match the words of your script to the voice well enough.", _OTHER_SCENE
    ),
    "blank_picture": Failure(Kind.BUSY, "The picture came out empty several times.", _TRY_AGAIN),
    "picture_too_large": Failure(Kind.BUSY, "The picture came out far too large several times.", _TRY_AGAIN),
    "picture_unreadable": Failure(Kind.BUSY, "The picture could not be read, several times.", _TRY_AGAIN),
    "picture_refused": Failure(Kind.REFUSED, "The picture service refused the description.", _OTHER_PICTURE),
    "voice_cannot_read": Failure(Kind.YOURS, "This voice cannot read these words.", _OTHER_SCENE),
    "voice_refused": Failure(Kind.REFUSED, "The voice service refused to say these words.", _OTHER_SCENE),
    "unknown_voice": Failure(Kind.YOURS, "The voice is no longer there.", "Make a new video with another voice."),
    "no_word_times": Failure(
        Kind.YOURS, "This voice does not tell when it says each word.", "Make a new video with another voice."
    ),
    "scene_too_long": Failure(
        Kind.YOURS,
        "One scene is too long for its words to be timed.",
        "Shorten the words of this scene, or make a new video with shorter sentences.",
    ),
    "silent_audio": Failure(Kind.YOURS, "The voice came out silent.", _NEW_VOICE),
    "recording_differs": Failure(
        Kind.YOURS,
        "The recording does not seem to say this script.",
        "Make a new video with a recording of the script as it stands.",
    ),
    "music_unreadable": Failure(
        Kind.YOURS, "The music cannot be read as sound.", "Make a new video with other music, or with none."
    ),
    "no_font": Failure(Kind.YOURS, "Some of the signs in the text cannot be shown.", _NEW_WORDS),
    "no_words": Failure(Kind.YOURS, "There are no words to say.", _NEW_WORDS),
    "long_word": Failure(Kind.YOURS, "A word is longer than a caption has room for.", _NEW_WORDS),
    "text_too_long": Failure(Kind.YOURS, "The text is too long.", "Make a new video with a shorter text."),
    "writer_needs_text": Failure(
        Kind.YOURS, "The sample writer makes up text in English only.", "Make a new video from a few full sentences."
    ),
}
# What other words, or another description, in the scene of which it is told can mend.
_MENDED_BY_AN_EDIT = frozenset(
    {"picture_refused", "voice_refused", "voice_cannot_read", "alignment_quality", "scene_too_long", "text_too_long"}
)
# By the published name of the step: what could not be done, and what of one scene.
_OPENINGS = {
    "SCRIPTING": ("We couldn’t write the script.", "We couldn’t write scene {}."),
    "VOICE_GEN": ("We couldn’t record the voice.", "We couldn’t record the voice of scene {}."),
    "ALIGNMENT": ("We couldn’t time the captions.", "We couldn’t time the captions of scene {}."),
    "VISUAL_PLAN": ("We couldn’t plan the pictures.", "We couldn’t plan the picture of scene {}."),
    "IMAGE_GEN": ("We couldn’t draw the pictures.", "We couldn’t draw scene {}."),
    "TIMELINE_BUILD": ("We couldn’t put the film together.", "We couldn’t put scene {} into the film."),
    "RENDERING": ("We couldn’t put the film together.", "We couldn’t put scene {} into the film."),
    "PACKAGING": ("We couldn’t finish the film.", "We couldn’t finish scene {}."),
}
# Of what the user brought nothing is made: it is used, or it cannot be.
_OPENINGS_OF_CODES = {
    "recording_differs": ("We couldn’t use your recording.", "We couldn’t use your recording of scene {}."),
}
_ANY_OPENING = ("We couldn’t make this video.", "We couldn’t make scene {}.")


def failure_of(code: str) -> Failure:
    """Return the catalogue's entry for `code`; an unknown one is our own fault."""
    return CATALOGUE.get(code, CATALOGUE["internal"])


def opening(failed_step: str, part: str, code: str = "") -> str:
    """Return what could not be done. `failed_step` is the published name; a `part` is a scene or empty."""
    whole, one_scene = _OPENINGS_OF_CODES.get(code) or _OPENINGS.get(failed_step, _ANY_OPENING)
    number = scene_number(part)
    return one_scene.format(number) if number else whole


def message(*, failed_step: str, part: str, code: str, sentence: str = "") -> str:
    """Return all that is said where there is one text only: what happened, why, and what to do.

    `sentence` is that of a refusal, which says why and what to do in its own words.
    """
    return f"{opening(failed_step, part, code)} {sentence or failure_of(code).sentence}"


def scene_to_mend(*, step: str, part: str, code: str, has_recording: bool) -> int:
    """Return the number of the scene whose change can mend what ended this step of it, or 0.

    A recording of the user's own says its words, whatever is written: then only a picture can be mended.
    """
    is_open = step == "images" or not has_recording
    return scene_number(part) if is_open and code in _MENDED_BY_AN_EDIT else 0


def scene_number(part: str) -> int:
    """Return the number of the scene that a part is, or 0."""
    digits = part.removeprefix("scene_")
    return int(digits) if part.startswith("scene_") and digits.isdigit() else 0
