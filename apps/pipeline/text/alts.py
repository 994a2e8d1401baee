"""What is read out of a picture that is not seen. The name of its scene in it is the one that it was drawn under."""

from __future__ import annotations


def alt_of(title: str, described: str) -> str:
    """Return the alternative text of a picture that was drawn as `described` for the scene of that title."""
    return f"{_opening(title)}{described}."


def renamed(alt: str, *, title: str, heading: str) -> str:
    """Return an alternative text under the heading that its scene has since its words were changed, if it has one."""
    opening = _opening(title)
    return _opening(heading) + alt.removeprefix(opening) if heading and alt.startswith(opening) else alt


def described_in(alt: str, *, title: str) -> str:
    """Return what a picture was drawn as, without the name of its scene."""
    return alt.removeprefix(_opening(title)).removesuffix(".")


def _opening(title: str) -> str:
    return f"Illustration for “{title}”: "
