"""An article or notes to a narration: its own sentences, the weightiest, in their own order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from apps.pipeline.providers.writer.vocabulary import CLOSED_WORDS
from apps.pipeline.text.characters import is_unspaced, is_word_character
from apps.pipeline.text.sentences import split_sentences
from apps.pipeline.text.speaking import average_words
from apps.pipeline.text.tokens import tokenise
from apps.pipeline.text.word_sets import word_set

_MARGIN = 0.08
_SAME = 0.7
# Terms of more sentences than this do not help to find a near-duplicate, and would make the search quadratic.
_RARE = 60
# A sentence that opens with one of these leans on the one before it, and is taken only together with it.
_LEANING = word_set(
    """
    this that these those it its he she they them his her their such but however therefore thus hence instead
    moreover furthermore also then so and or yet still otherwise similarly likewise consequently meanwhile
    both neither
    """
)


@dataclass(frozen=True)
class _Sentence:
    index: int
    paragraph: int
    opens: bool
    text: str
    words: int

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(terms(self.text))

    @cached_property
    def leans(self) -> bool:
        return not self.opens and bool(self.text) and _bare(self.text.split()[0]) in _LEANING


def terms(text: str) -> list[str]:
    """Return the lower-case words of `text` that carry a topic: English function words are left out."""
    bare = (_bare(token.display) for token in tokenise(text, "en"))
    return [word for word in bare if word and word not in CLOSED_WORDS]


def sentences_of(paragraph: str) -> list[str]:
    """Return the sentences of one paragraph, verbatim."""
    split = split_sentences(tokenise(paragraph, "en"))
    return ["".join(token.display + token.after for token in sentence).strip() for sentence in split]


def select_sentences(paragraphs: Sequence[str], target_words: int, language: str) -> tuple[str, ...]:
    """Return paragraphs made of sentences of `paragraphs`, verbatim and in order, within 8 % of `target_words`
    of average length.

    Material that is not longer comes back whole, but for sentences said twice. Sentences too long to fit the rest may
    leave the result further below the target.
    """
    sentences = _unrepeated(_numbered(paragraphs, language))
    if sum(sentence.words for sentence in sentences) <= target_words * (1 + _MARGIN):
        return _paragraphs(sentences)
    return _paragraphs(_weightiest(sentences, target_words))


def _numbered(paragraphs: Sequence[str], language: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    for paragraph, text in enumerate(paragraphs):
        for position, sentence in enumerate(sentences_of(text)):
            found.append(_Sentence(len(found), paragraph, position == 0, sentence, average_words(sentence, language)))
    return found


def _unrepeated(sentences: list[_Sentence]) -> list[_Sentence]:
    kept: list[_Sentence] = []
    by_term: dict[str, set[int]] = {}
    for sentence in sentences:
        postings = (by_term.get(term, set()) for term in sentence.terms)
        rivals = Counter(place for posting in postings if len(posting) <= _RARE for place in posting)
        if any(_likeness(sentence, kept[place]) > _SAME for place, _ in rivals.most_common(_RARE)):
            continue
        for term in sentence.terms:
            by_term.setdefault(term, set()).add(len(kept))
        kept.append(sentence)
    return kept


def _likeness(one: _Sentence, other: _Sentence) -> float:
    return len(one.terms & other.terms) / len(one.terms | other.terms)


def _weightiest(sentences: list[_Sentence], target_words: int) -> list[_Sentence]:
    weights = _weights(sentences)
    needs = {after.index: before for before, after in pairwise(sentences) if after.leans}
    chosen: set[int] = set()
    total = 0
    for sentence in sorted(sentences, key=lambda sentence: (-weights[sentence.index], sentence.index)):
        group = _with_support(sentence, needs, chosen)
        words = sum(member.words for member in group)
        if total + words <= target_words * (1 + _MARGIN):
            chosen.update(member.index for member in group)
            total += words
        if total >= target_words * (1 - _MARGIN / 2):
            break
    return [sentence for sentence in sentences if sentence.index in chosen]


def _weights(sentences: list[_Sentence]) -> dict[int, float]:
    counts = Counter(term for sentence in sentences for term in sentence.terms)
    weights: dict[int, float] = {}
    for sentence in sentences:
        salience = sum(counts[term] for term in sentence.terms) / (len(sentence.terms) + 3)
        place = 1.6 if sentence.index == 0 else 1.25 if sentence.opens else 1.0
        weights[sentence.index] = salience * place * (0.5 if sentence.text.endswith("?") and sentence.index else 1.0)
    return weights


def _with_support(sentence: _Sentence, needs: dict[int, _Sentence], chosen: set[int]) -> list[_Sentence]:
    group = [] if sentence.index in chosen else [sentence]
    while group and (support := needs.get(group[-1].index)) and support.index not in chosen:
        group.append(support)
    return group


def _paragraphs(sentences: list[_Sentence]) -> tuple[str, ...]:
    by_paragraph: dict[int, list[str]] = {}
    for sentence in sentences:
        by_paragraph.setdefault(sentence.paragraph, []).append(sentence.text)
    return tuple(_run_on(texts) for texts in by_paragraph.values())


def _run_on(texts: list[str]) -> str:
    gap = "" if is_unspaced(texts[0][0]) else " "
    return gap.join(texts)


def _bare(word: str) -> str:
    return "".join(character for character in word.lower() if is_word_character(character) or character in "'’-").strip(
        "'’-"
    )
