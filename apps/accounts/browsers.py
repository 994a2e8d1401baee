"""What a browser calls itself, in words that its user would use."""

from __future__ import annotations

import re

_LONGEST = 40
# ua-parser's names say on which kind of screen as well, which the system says already.
_KINDS = re.compile(r"\b(Mobile|iOS|WebView|UI/WKWebView)\b")
_SYSTEMS = {"Mac OS X": "macOS", "iOS": "an iPhone or iPad", "Chrome OS": "ChromeOS"}


def browser_in_words(user_agent: str) -> str:
    """Return for example "Firefox on Linux"; "curl" for a program, "An unknown browser" for what names itself oddly."""
    # Loading its 2,000 patterns takes as long as a page may; only the pages that need them wait.
    from ua_parser import parse

    found = parse(user_agent)
    if found.user_agent is None:
        return "An unknown browser"
    browser = " ".join(_KINDS.sub("", found.user_agent.family).split()) or found.user_agent.family
    if found.os is None:
        return browser[:_LONGEST]
    return f"{browser[:_LONGEST]} on {_SYSTEMS.get(found.os.family, found.os.family)[:_LONGEST]}"
