"""The embedded moderator: a short list of what nobody asks for by accident.

It looks for a wish, not for a topic: history, news and health speak of terrible things, and may. What it does not see,
a vendor's moderation may; without one, staff can.
"""

from __future__ import annotations

import re

from apps.pipeline.providers.moderator.base import Judgement
from apps.pipeline.providers.usage import Usage

_MAKE = r"(?:how (?:to|do i|can i|you can)|ways? to|steps? to|guide to|instructions? (?:for|to)|tutorial (?:on|for))"
_BUILD = r"(?:make|making|build|building|cook|cooking|synthesi[sz]e|synthesi[sz]ing|assemble|assembling)"
# Not every bomb: there are bath bombs and bombs of chocolate.
_BOMB = r"(?:a|an|the|own|homemade|pipe|car|nail|dirty|petrol|real|small|big|powerful|cheap) ?bombs?"
_WEAPON = rf"(?:{_BOMB}|(?:explosive|nerve gas|sarin|napalm|molotov|ricin|anthrax|nuclear weapon|bioweapon)s?)"
_DRUG = r"(?:meth|methamphetamine|crystal meth|heroin|fentanyl|crack cocaine)"
_CHILD = r"(?:child|children|kids?|minors?|underage|toddlers?|preteens?|(?:under|below) ?(?:1[0-7]|[1-9])|teen(?:age)?)"
_SEXUAL = r"(?:porn|pornographic|sexual(?:ly)?|sexy|nude|naked|erotic|explicit)"
_PEOPLES = r"(?:jews|muslims|christians|blacks|black people|gays|immigrants|refugees|women|disabled people|roma)"
_PATTERNS = {
    "weapons": re.compile(rf"\b{_MAKE}\W+(?:\w+\W+){{0,3}}?{_BUILD}\W+(?:\w+\W+){{0,4}}?{_WEAPON}\b", re.IGNORECASE),
    "drugs": re.compile(rf"\b{_MAKE}\W+(?:\w+\W+){{0,3}}?{_BUILD}\W+(?:\w+\W+){{0,4}}?{_DRUG}\b", re.IGNORECASE),
    "minors": re.compile(
        rf"\b(?:{_SEXUAL}\W+(?:\w+\W+){{0,4}}?{_CHILD}|{_CHILD}\W+(?:\w+\W+){{0,2}}?{_SEXUAL}\W+"
        r"(?:videos?|pictures?|images?|stor(?:y|ies)|scenes?|acts?))\b",
        re.IGNORECASE,
    ),
    "self-harm": re.compile(
        rf"\b(?:{_MAKE}\W+(?:\w+\W+){{0,3}}?(?:kill|hang|cut|poison) (?:yourself|myself)"
        r"|best ways? to (?:die|commit suicide))\b",
        re.IGNORECASE,
    ),
    "hatred": re.compile(
        rf"\b(?:why|all)\W+(?:all\W+)?{_PEOPLES}\W+(?:should|must|deserve to)\W+(?:all\W+)?"
        r"(?:die|be killed|be exterminated|be gassed)\b",
        re.IGNORECASE,
    ),
}
_WORD = re.compile(r"\W+")
_LONGEST_LOOKED_AT = 60_000


class WordList:
    """Costs nothing and knows English only."""

    name = "word-list"
    identity = "word-list-1"

    def judge(self, text: str) -> Judgement:
        return Judgement(reasons_against(text), Usage(self.identity))


def reasons_against(text: str) -> tuple[str, ...]:
    """Return the names of the patterns that the text fits."""
    plain = _WORD.sub(" ", text[:_LONGEST_LOOKED_AT])
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(plain))
