"""Which pieces of a pasted text in <> are tags: those with the names of HTML, WebVTT and SSML. The rest are words."""

from __future__ import annotations

import re

_NAMES = """
    a abbr address article aside audio b base bdi bdo big blockquote body br button c canvas caption center cite code
    col colgroup dd del details dfn div dl dt em embed figcaption figure font footer form h[1-6] head header hr html i
    iframe img input ins kbd label lang li link main mark meta nav ol option p picture pre q rp rt ruby s samp script
    section select small source span strike strong style sub summary sup svg table tbody td textarea tfoot th thead time
    title tr track tt u ul var video wbr
    speak break prosody emphasis say-as phoneme voice w
"""
_ATTRIBUTES = r"(?:\s[^<>=]{1,500}=[^<>]{0,500})?"
TAG = re.compile(
    rf"</?(?:{'|'.join(_NAMES.split())}){_ATTRIBUTES}\s{{0,9}}/?>"  # <b>, </b>, <font color="red">, <br />
    r"|</?(?:[cv]|lang)(?:\.[\w.-]{1,100})?(?:\s[^<>=]{0,100})?>"  # <c.yellow>, <v Ada>, <lang en>
    r"|<(?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{2,3}>",  # <00:01.250>, where a word begins
    re.IGNORECASE,
)
