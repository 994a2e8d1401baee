"""Stage directions, speaker labels and time codes in a pasted script."""

from __future__ import annotations

import re

from apps.pipeline.text.word_sets import word_set

_CUES = word_set(
    """
    applause laughter laugh laughs laughing chuckle chuckles chuckling giggles sigh sighs sighing cough coughs
    coughing gasp gasps gasping music pause pauses beat silence cheering inaudible crosstalk whisper whispers
    whispering sobs sobbing cries crying sniffs sniffles groans yawns smiles nods shrugs sfx intro outro
    jingle
    """
)
_MODIFIERS = word_set(
    """
    soft softly loud loudly gentle gently dramatic upbeat sad happy tense calm slow quiet quietly nervous
    nervously light long short brief deep deeply heavily heavy background intro theme ominous playing plays
    play fades fade fading in out up down swells swelling starts begins stops stop ends continues and a the to
    with for effect crowd audience
    """
)
_SHOT = re.compile(
    r"(?:scene|shot|sfx|fx|b-?roll|visuals?|image|cut to|fade (?:in|out)|camera|on screen|sound effect|voice-?over)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"[ \t]*(?:\[([^\[\]\n]{1,120})\]|\(([^()\n]{1,60})\)|<([^<>\n]{1,40})>|(?<!\*)\*([^*\n]{1,40})\*(?!\*))"
)
_MARK = re.compile(
    r"\d{1,3}(?:[,–-] ?\d{1,3})*|citation needed|(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?", re.IGNORECASE
)
_LABEL = re.compile(
    r"^[ \t]*(?:\*\*|__)?(?:narrator|voice-?over|voice over|v\.o\.|vo|host|presenter|announcer|speaker(?: \d{1,2})?)"
    r"(?:[ \t]*\([^()\n]{1,30}\))?[ \t]*:(?:\*\*|__)?[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_TIME_LINE = re.compile(r"^[ \t]*(?:\d{1,2}:)?\d{1,2}:\d{2}[ \t]*$", re.MULTILINE)


def strip_stage_directions(text: str) -> str:
    """Return `text` without asides made of stage vocabulary, reference marks, speaker labels and lone time codes."""
    text = _TIME_LINE.sub("", text)
    text = _ASIDE.sub(_kept_aside, text)
    return _LABEL.sub("", text)


def _kept_aside(aside: re.Match[str]) -> str:
    bracketed, *others = aside.groups(default="")
    if bracketed:
        dropped = _is_cue(bracketed) or bool(_SHOT.match(bracketed)) or bool(_MARK.fullmatch(bracketed.strip()))
    else:
        dropped = _is_cue("".join(others))
    return "" if dropped else aside.group()


def _is_cue(aside: str) -> bool:
    words = re.findall(r"\w+", aside.lower())
    if words[:2] in (["clears", "throat"], ["clearing", "throat"]):
        return True
    return not _CUES.isdisjoint(words) and all(word in _CUES or word in _MODIFIERS for word in words)
