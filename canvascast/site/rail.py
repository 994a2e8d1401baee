"""The four places of a signed-in user, and which of them a page belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject


@dataclass(frozen=True)
class Place:
    """One link of the rail; `current` is what aria-current says of it: "page", "true" within it, else empty."""

    name: str
    icon: str
    url: str
    current: str


def rail(request: HttpRequest) -> dict[str, object]:
    """For every template: `rail` is the places, put together when they are first looked at."""
    return {"rail": SimpleLazyObject(lambda: places(request.path))}


def places(path: str) -> tuple[Place, ...]:
    """Return the places as they stand on the page at that path; at most one is current."""
    videos, settings = reverse("pipeline:videos"), reverse("accounts:settings")
    return (
        _place("Videos", "film", videos, path, within=(f"{videos}/videos/",)),
        _place("New video", "plus", reverse("pipeline:new"), path),
        _place("Credits", "coins", reverse("billing:credits"), path),
        _place("Settings", "settings", settings, path, within=(settings, reverse("accounts:developers"), "/accounts/")),
    )


def _place(name: str, icon: str, url: str, path: str, *, within: tuple[str, ...] = ()) -> Place:
    if path == url:
        return Place(name, icon, url, "page")
    return Place(name, icon, url, "true" if path.startswith(within) else "")
