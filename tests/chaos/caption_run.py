"""Take texts the way from what was pasted to captions, subtitle files and a film, in a process that can be weighed.

Usage: python -m tests.chaos.caption_run hostile|plain SEED TEXTS FILM_TEXTS FOLDER; prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pysubs2

from apps.pipeline.contracts import CaptionTrack, Theme, Word
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.caption_words import require_short_words_in
from apps.pipeline.render.captions import CaptionPainter
from apps.pipeline.render.film import render_timeline
from apps.pipeline.render.fonts import drawable, require_glyphs
from apps.pipeline.render.text_layout import ShownWord, lay_out
from apps.pipeline.subtitles import shown_text, to_srt, to_vtt
from apps.pipeline.text.cleaning import clean_text
from apps.pipeline.text.cues import build_cues
from apps.pipeline.text.tokens import tokenise
from apps.pipeline.timeline.blocks import ROOMS, TimedWord, caption_blocks
from tests.chaos.hostile_text import hostile_texts, plain_texts
from tests.pipeline.small_film import SmallFilm

_FPS = 30
_THEME = Theme("#ffd60a", "#141414")
_WORD_FRAMES = 8


def shown_words(raw: str) -> list[Word]:
    """Return the words that a film made of `raw` shows. Raises Rejected, as the order does, with words for the user."""
    clean = clean_text(raw)
    require_glyphs(clean)
    require_short_words_in(clean, "en")
    tokens = [token for line in clean.splitlines() for token in tokenise(line, "en")]
    if not tokens:
        raise Rejected("no_words", "The transcript has no words to speak.")
    seconds = _WORD_FRAMES / _FPS
    return [
        Word(token.display, number * seconds, (number + 1) * seconds, 1.0, "scene_001", token.after)
        for number, token in enumerate(tokens)
    ]


def track_of(words: Sequence[Word], start_frame: int = 0) -> CaptionTrack:
    timed = [
        TimedWord(word.text, word.after, word.start + start_frame / _FPS, word.end + start_frame / _FPS)
        for word in words
    ]
    end = start_frame + len(words) * _WORD_FRAMES
    return CaptionTrack("karaoke", "bottom", "en", caption_blocks(timed, start_frame, end, ROOMS["karaoke"]["16:9"]))


def look(raw: str) -> str:
    """Say how one text comes out: "shown", every letter of it, or "refused"."""
    try:
        words = shown_words(raw)
    except Rejected:
        return "refused"
    track = track_of(words)
    painter = CaptionPainter(track, _THEME, 1280, 720)
    for block in track.blocks:
        assert painter.patch_at(block.start_frame) is not None, raw
        drawn = _drawn([ShownWord(number, word.text, word.after) for number, word in enumerate(block.words)])
        assert _letters(drawn) == _letters("".join(drawable(word.text).strip() for word in block.words)), raw
    _require_same_words(words)
    return "shown"


def _drawn(words: list[ShownWord]) -> str:
    return "".join(run.text for run in lay_out(words, 60, 1000).runs)


def _letters(text: str) -> list[str]:
    """Sorted, for words of two directions are drawn in another order than they are said; a pile of marks is cut."""
    return sorted(character for character in text if not unicodedata.combining(character))


def _require_same_words(words: Sequence[Word]) -> None:
    cues = build_cues(words, {"scene_001": words[-1].end + 1})
    spoken = "".join(word.text for word in words)
    for kind, text in (("srt", to_srt(cues)), ("vtt", to_vtt(cues))):
        events = pysubs2.SSAFile.from_string(text, format_=kind)
        shown = "".join(shown_text(event.text, kind) for event in events)
        assert "".join(shown.split()) == "".join(spoken.split()), (kind, spoken)


def render_film(texts: Sequence[str], folder: Path) -> float:
    """Render one film of a scene for each text that is not refused; returns its CPU seconds."""
    scenes = [shown_words(text)[:20] for text in texts if look(text) != "refused"]
    lengths = [len(words) * _WORD_FRAMES for words in scenes]
    timeline = SmallFilm(folder).timeline(lengths, size=(640, 360))
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    blocks = [block for words, start in zip(scenes, starts, strict=True) for block in track_of(words, start).blocks]
    captions = replace(timeline.captions, blocks=tuple(blocks))
    began = time.process_time()
    render_timeline(replace(timeline, captions=captions), SmallFilm(folder).resolve, folder / "film.mp4")
    return (time.process_time() - began) / sum(lengths)


def main(kind: str, seed: int, number: int, film_texts: int, folder: Path) -> None:
    started: list[str] = []
    sys.addaudithook(lambda event, arguments: started.append(str(arguments)) if event == "subprocess.Popen" else None)
    texts = hostile_texts(seed, number)
    texts = plain_texts(texts) if kind == "plain" else texts
    # The first drawing loads fonts, which is no text's fault.
    look("Warm up.")
    took, outcomes = [], Counter[str]()
    for text in texts:
        began = time.process_time()
        outcomes[look(text)] += 1
        took.append(time.process_time() - began)
    facts = {
        "outcomes": outcomes,
        "seconds": sum(took),
        "slowest_seconds": max(took),
        "film_seconds_a_frame": render_film(texts[:film_texts], folder),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "started_programs": len(started),
    }
    print(json.dumps(facts))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
