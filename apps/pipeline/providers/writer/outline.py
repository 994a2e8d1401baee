"""A one-line prompt to an outline narration of a wanted length, in the niche's beats."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from apps.pipeline.contracts import Niche
from apps.pipeline.providers.writer.beats import BEATS, CHECKING, KEEPING, Beat
from apps.pipeline.providers.writer.topic import Topic
from apps.pipeline.text.speaking import average_words

_CLOSE_ENOUGH = 0.03
_SWAPS = 6
_SHARED = (CHECKING, KEEPING)


@dataclass(frozen=True)
class _Passage:
    """`rank` is 0 for the beat's opener; `words` are of average length, the topic included."""

    beat: int
    rank: int
    text: str

    @property
    def words(self) -> int:
        return average_words(self.text, "en")


def compose(topic: Topic, niche: Niche, target_words: int, seed: int) -> tuple[str, ...]:
    """Return paragraphs about `topic`, one per beat, near `target_words` words in all.

    The seed chooses the phrasings. No sentence comes twice, so the result stops at about 800 words, however many are
    asked for.
    """
    beats = (*BEATS[niche][:-1], *_SHARED, BEATS[niche][-1])
    random = Random(f"{seed}:{topic.phrase}")
    passages, spare = _filled(beats, topic, random)
    preference = random.sample(range(len(beats)), len(beats))
    chosen = _fitted(_chosen(passages, preference, target_words), passages, spare, target_words)
    return tuple(
        " ".join(passage.text for passage in chosen if passage.beat == beat)
        for beat in range(len(beats))
        if any(passage.beat == beat for passage in chosen)
    )


def _filled(beats: tuple[Beat, ...], topic: Topic, random: Random) -> tuple[list[_Passage], list[_Passage]]:
    """Return the passages to use, each beat's openers reduced to one, and the openers left over."""
    passages: list[_Passage] = []
    spare: list[_Passage] = []
    for index, beat in enumerate(beats):
        openers = [
            _Passage(index, 0, _told(opener, topic)) for opener in random.sample(beat.openers, len(beat.openers))
        ]
        more = [_told(text, topic) for text in random.sample(beat.more, len(beat.more))]
        if beat in _SHARED:
            openers = [_Passage(index, 0, f"{openers[0].text} {more.pop()}")]
        passages += [openers[0], *(_Passage(index, rank, text) for rank, text in enumerate(more, 1))]
        spare += openers[1:]
    return passages, spare


def _told(text: str, topic: Topic) -> str:
    wondered = topic.phrase if topic.is_clause else f"about {topic.phrase}"
    return text.replace("{a}", wondered).replace("{t}", topic.phrase).replace("{k}", topic.kind)


def _chosen(passages: list[_Passage], preference: list[int], target_words: int) -> list[_Passage]:
    """Take the first and last opener, then what fits, by importance: the niche's own beats before the shared ones.

    `preference` is the order of the beats among equals.
    """
    last_beat = len(preference) - 1
    chosen = [passage for passage in passages if passage.rank == 0 and passage.beat in {0, last_beat}]
    total = sum(passage.words for passage in chosen)
    shared = {last_beat - 2, last_beat - 1}
    queue = sorted(
        passages,
        key=lambda passage: (
            passage.beat in shared,
            passage.rank,
            passage.beat in {0, last_beat},
            preference.index(passage.beat),
        ),
    )
    for passage in queue:
        opened = passage.rank == 0 or any(other.beat == passage.beat for other in chosen)
        if passage not in chosen and opened and total + passage.words <= target_words * (1 + _CLOSE_ENOUGH):
            chosen.append(passage)
            total += passage.words
    return chosen


def _fitted(
    chosen: list[_Passage], passages: list[_Passage], spare: list[_Passage], target_words: int
) -> list[_Passage]:
    """Swap passages for others of their beat, or add one, while that brings the length nearer to the target."""
    for _ in range(_SWAPS):
        missing = target_words - sum(passage.words for passage in chosen)
        if abs(missing) <= _CLOSE_ENOUGH * target_words:
            break
        best = min(_changes(chosen, passages, spare), key=lambda change: abs(missing - _growth(change)), default=None)
        if best is None or abs(missing - _growth(best)) >= abs(missing):
            break
        removed, added = best
        chosen = [passage for passage in chosen if passage is not removed] + [added]
    return sorted(chosen, key=lambda passage: (passage.beat, passage.rank))


def _growth(change: tuple[_Passage | None, _Passage]) -> int:
    removed, added = change
    return added.words - (removed.words if removed else 0)


def _changes(
    chosen: list[_Passage], passages: list[_Passage], spare: list[_Passage]
) -> list[tuple[_Passage | None, _Passage]]:
    opened = {passage.beat for passage in chosen}
    unused = [
        passage for passage in passages if passage not in chosen and (passage.rank == 0 or passage.beat in opened)
    ]
    swaps = [
        (old, new)
        for old in chosen
        for new in (spare if old.rank == 0 else unused)
        if new not in chosen and new.beat == old.beat and bool(new.rank) == bool(old.rank)
    ]
    return [*swaps, *((None, passage) for passage in unused)]
