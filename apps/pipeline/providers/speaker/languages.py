"""The languages in which the vendors' voices are offered: those that the pipeline reads, splits and captions.

A vendor's model says more of them; an entry here is all it takes to offer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """`tag` is BCP 47, `script` ISO 15924, `name` English."""

    tag: str
    name: str
    script: str


_TABLE = (
    Language("en", "English", "Latn"),
    Language("es", "Spanish", "Latn"),
    Language("fr", "French", "Latn"),
    Language("de", "German", "Latn"),
    Language("pt", "Portuguese", "Latn"),
    Language("it", "Italian", "Latn"),
    Language("nl", "Dutch", "Latn"),
    Language("pl", "Polish", "Latn"),
    Language("sv", "Swedish", "Latn"),
    Language("da", "Danish", "Latn"),
    Language("fi", "Finnish", "Latn"),
    Language("cs", "Czech", "Latn"),
    Language("ro", "Romanian", "Latn"),
    Language("tr", "Turkish", "Latn"),
    Language("id", "Indonesian", "Latn"),
    Language("ru", "Russian", "Cyrl"),
    Language("uk", "Ukrainian", "Cyrl"),
    Language("el", "Greek", "Grek"),
    Language("hi", "Hindi", "Deva"),
    Language("ar", "Arabic", "Arab"),
    Language("zh", "Chinese", "Hans"),
    Language("ja", "Japanese", "Jpan"),
    Language("ko", "Korean", "Kore"),
)
LANGUAGES: Mapping[str, Language] = {language.tag: language for language in _TABLE}
"""By primary subtag, in the order of menus."""


def language_of(tag: str) -> Language | None:
    """Return the offered language of a BCP 47 tag, whatever its region ("en-US"), or None."""
    return LANGUAGES.get(tag.split("-")[0].lower())
