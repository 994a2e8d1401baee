"""What an English prompt is about, as a phrase that fits after "about", "understand" and "explain"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from apps.pipeline.providers.writer.vocabulary import (
    BASE_VERBS,
    CLOSED_WORDS,
    COMMON_OPENERS,
    PREDICATE_OPENERS,
    PROPER_OPENERS,
    past_form,
    third_person,
)
from apps.pipeline.text.word_sets import word_set

_LONGEST_TOPIC_WORDS = 14
_WISH = re.compile(
    r"(?:please\s+)?(?:(?:can|could|would) you\s+)?(?:please\s+)?"
    r"(?:(?:i(?:'d| would)? (?:want|need|like)(?: you to)?|let's|let us)\s+)?"
    r"(?:(?:make|create|write|generate|produce|do|record|film|give)(?: me| us)?\s+)?"
    r"(?:(?:an?|the|some|this|my)\s+)?(?:[\w-]+\s+){0,4}?"
    r"(?:video|short|script|film|movie|documentary|clip|reel|tiktok|podcast|post|narration|presentation|lesson|episode|essay|voice-?over)"
    r"s?\s+"
    r"(?:about|on|explaining|(?:that|which) explains?|that shows?|showing|describing|exploring|of|for|covering)\s+",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:please\s+)?(?:(?:can|could|would) you\s+)?(?:please\s+)?"
    r"(?:explain(?: to (?:me|us))?|describe|discuss|explore|introduce|present|summari[sz]e|"
    r"(?:talk|speak|write|learn)\s+about|(?:tell|teach|show)(?: me| us)?|"
    r"i(?:'d| would)? (?:want|like|love) to (?:know|learn|understand|hear))\s+(?:about\s+)?",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:the\s+)?(?:top\s+)?(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|some)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:facts|things|reasons|tips|lessons|myths|secrets)(?:\s+to know)?\s+(?:about|on|of|for|from)\s+",
    re.IGNORECASE,
)
_AUDIENCE = re.compile(
    r"\s+(?:to|for) (?:an? )?(?:absolute |complete )?(?:beginners?|kids|children|dummies|everyone|\w+-year-olds?)$",
    re.IGNORECASE,
)
_ORDERED = word_set(
    """
    never don't always stay be keep stop start get let take make find learn build become believe choose do
    """
)
_CONTRACTED = re.compile(r"^(what|who|why|how|where|when)['’]s\b", re.IGNORECASE)
_HOW_COME = re.compile(r"^how come\b", re.IGNORECASE)
_NEGATED = re.compile(r"^(is|are|was|were)n['’]t\b", re.IGNORECASE)
_SECOND_QUESTION = re.compile(
    r",? and (?:why|how|what|who|when|where) (?:is|are|was|were|do|does|did|can|should|will) ", re.IGNORECASE
)
_SMALL_WORDS = word_set("a an the and but or nor for of in on at to by with from as vs per via")
_ADVERBS = word_set("never always ever still not only sometimes often")
_ASKERS = frozenset({"why", "how", "what", "who", "when", "where", "which", "whose"})
_DO = frozenset({"do", "does", "did", "don't", "doesn't", "didn't"})
_BE = frozenset({"is", "are", "was", "were", "has", "have", "had"})
_MODALS = frozenset({"can", "could", "should", "will", "would", "may", "might", "must"})
_SELF = frozenset({"i", "you", "we", "one"})
_PRONOUNS = _SELF | {"it", "they", "he", "she", "there", "this", "that", "these", "those"}
_DETERMINERS = word_set("the a an my your our his her their its some this that these those")
_MANNER = word_set(
    """
    much many long far old fast big often deep high hot cold heavy tall strong hard smart large
    """
)
_CUT_WORDS = word_set("that which who because although while with for and so but in from using")


@dataclass(frozen=True)
class Topic:
    """`phrase` stands in mid-sentence; `title` is for the top of a page; `kind` is what to call it from then on."""

    phrase: str
    title: str
    kind: str

    @property
    def is_clause(self) -> bool:
        """Tell whether the phrase is a question's clause ("why cats purr") and not a noun."""
        return self.phrase.split(" ")[0] in _ASKERS | {"whether"}


def find_topic(prompt: str) -> Topic:
    """Return the topic of a one-line English prompt: a question, an order, a noun phrase or a statement."""
    asked = _expanded(_without_order(" ".join(prompt.split()).lstrip("?!., ")))
    words = asked.rstrip(" .!?…").split()
    lower = [word.lower() for word in words]
    if lower[:2] == ["how", "to"] or (lower[0].endswith("ing") and len(words) > 1):
        return Topic(_short(_with_small_opener(asked.rstrip(" .!?…"))), _titled(words), "skill")
    if lower[0] in _ASKERS or (asked.endswith("?") and lower[0] in _BE | _MODALS | _DO):
        return _question(words, asked)
    if lower[0] in _ORDERED and len(words) > 1:
        phrase = " ".join(["not", *words[1:]] if lower[0] == "don't" else [lower[0], *words[1:]])
        return Topic(_short(f"why you should {phrase}"), _titled(words), "idea")
    phrase = _with_small_opener(_AUDIENCE.sub("", _COUNTED.sub("", " ".join(words))))
    if asked.endswith(".") and len(words) >= 6:
        phrase = f"the idea that {phrase}"
    return Topic(_short(phrase), _titled(words), "subject")


def _without_order(prompt: str) -> str:
    for pattern in (_WISH, _ORDER):
        rest = prompt[match.end() :] if (match := pattern.match(prompt)) else ""
        if rest.strip(" .!?…"):
            prompt = rest
    return prompt.strip()


def _expanded(asked: str) -> str:
    """Undo the contractions that hide a question's verb, and "how come"; keep the first of two questions."""
    asked = _CONTRACTED.sub(r"\1 is", asked)
    asked = _NEGATED.sub(r"\1", asked)
    asked = _HOW_COME.sub("Why", asked)
    second = _SECOND_QUESTION.search(asked)
    return f"{asked[: second.start()]}?" if second else asked


def _question(words: list[str], asked: str) -> Topic:
    lower = [word.lower() for word in words]
    if lower[0] in {"what", "who"} and lower[1:2] and lower[1] in _BE - {"has", "have", "had"} and len(words) > 2:
        rest = _with_small_opener(" ".join(words[2:]))
        is_someone = words[2][:1].isupper() or lower[2] in _DETERMINERS
        if words[2].lower() not in _PRONOUNS and (lower[0] == "what" or is_someone):
            return Topic(_short(rest), _titled([*words]) + "?", "subject")
    title = _titled(words) + ("?" if asked.endswith("?") or _is_inverted(lower) else "")
    phrase = _clause(words) or f"the question, {_lower_first(' '.join(words))}"
    return Topic(_short(phrase), title, "question")


def _is_inverted(lower: list[str]) -> bool:
    helpers = _DO | _BE | _MODALS
    return lower[0] in helpers or any(word in helpers for word in lower[1:3])


def _clause(words: list[str]) -> str | None:
    """Turn a question into the clause that stands after "explain": "why cats purr". None where that needs a parser."""
    lower = [word.lower() for word in words]
    helpers = _DO | _BE | _MODALS
    if lower[:2] == ["what", "if"]:
        return "what would happen if " + " ".join(words[2:])
    at = next((index for index, word in enumerate(lower[:4]) if word in helpers), None)
    if at is None or _has_plain_order(lower, at):
        return _lower_first(" ".join(words))
    asker = " ".join(lower[:1] + words[1:at]) if at else "whether"
    helper, rest = lower[at].replace("’", "'"), words[at + 1 :]
    if not rest:
        return None
    asks_what_to_do = helper in _MODALS or helper == "do"
    if rest[0].lower() in _SELF and asks_what_to_do and asker in {"how", "whether", "what", "where", "when"}:
        return " ".join([asker, "to", *rest[1:]])
    return _declared(asker, helper, rest)


def _has_plain_order(lower: list[str], at: int) -> bool:
    """Tell whether the words up to the helper at `at` are a subject: "why the sky | is", "which planet | is"."""
    if lower[0] in {"why", "when", "where"}:
        return at > 1
    if lower[0] == "who":
        return True
    return lower[at] in _BE and at > 0 and (lower[0] == "which" or (lower[0] == "how" and at > 2))


def _declared(asker: str, helper: str, rest: list[str]) -> str | None:
    if helper == "do":
        return " ".join([asker, *rest])
    subject_end = _subject_end(rest, helper, asker)
    if subject_end is None:
        return None
    subject, predicate = rest[:subject_end], rest[subject_end:]
    if helper == "does":
        predicate = _inflected(predicate, third_person)
    elif helper == "did":
        predicate = _inflected(predicate, past_form)
    else:
        predicate = [helper, *predicate]
    return " ".join([asker, *subject, *predicate])


def _inflected(predicate: list[str], inflect: Callable[[str], str]) -> list[str]:
    verb = 1 if predicate[0].lower() in _ADVERBS and len(predicate) > 1 else 0
    return [*predicate[:verb], inflect(predicate[verb]), *predicate[verb + 1 :]]


def _subject_end(rest: list[str], helper: str, asker: str) -> int | None:
    lower = [word.lower() for word in rest]
    if helper in _BE:
        return _nominal_end(lower, asker)
    if lower[0] in _PRONOUNS:
        return 1
    first = 2 if lower[0] in _DETERMINERS else 1
    known = next((index for index in range(first, len(lower)) if lower[index] in BASE_VERBS | _ADVERBS), None)
    return first if known is None and len(lower) == first + 1 else known


def _nominal_end(lower: list[str], asker: str) -> int | None:
    if lower[0] in _PRONOUNS:
        return 1
    first = 2 if lower[0] in _DETERMINERS else 1
    for index in range(first, len(lower)):
        if lower[index] in PREDICATE_OPENERS or lower[index].endswith(
            ("ing", "ed", "ful", "ous", "able", "less", "ive")
        ):
            return index
    if asker.split()[-1] in _MANNER or asker in {"where", "when"}:
        return len(lower)
    return len(lower) - 1 if len(lower) > first else None


def _with_small_opener(phrase: str) -> str:
    """Lower the first letter unless the phrase seems to open with a name."""
    first, _, rest = phrase.partition(" ")
    is_name = first in PROPER_OPENERS or not first[1:].islower() or rest[:1].isupper()
    is_common = first.lower() in CLOSED_WORDS | COMMON_OPENERS or first.endswith(
        ("ing", "tion", "ness", "ism", "ology", "sis")
    )
    if is_common or (not is_name and rest):
        return _lower_first(phrase)
    return phrase


def _lower_first(phrase: str) -> str:
    return phrase if phrase[:2] in {"I ", "I'"} else phrase[:1].lower() + phrase[1:]


def _short(phrase: str) -> str:
    words = phrase.split()
    if len(words) <= _LONGEST_TOPIC_WORDS:
        return phrase.rstrip(",;:")
    comma = next((index for index, word in enumerate(words[:_LONGEST_TOPIC_WORDS], 1) if word[-1] in ",;:"), 0)
    cut = comma or next(
        (index for index in range(_LONGEST_TOPIC_WORDS, 3, -1) if words[index].lower() in _CUT_WORDS),
        _LONGEST_TOPIC_WORDS,
    )
    return " ".join(words[:cut]).rstrip(",;:")


def _titled(words: list[str]) -> str:
    return title_case(_short(" ".join(words)))


def title_case(text: str) -> str:
    """Return `text` in title case, at most 80 characters of whole words; capitals inside words stay."""
    words = text.split()
    cased = [
        word if 0 < index < len(words) - 1 and word in _SMALL_WORDS else word[:1].upper() + word[1:]
        for index, word in enumerate(words)
    ]
    title = " ".join(cased)
    return title if len(title) <= 80 else title[:80].rsplit(" ", 1)[0].rstrip(",;:")
