"""A shared video on somebody else's page: the frame it plays in, its code, and what oEmbed (oembed.com) answers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve, reverse

from apps.pipeline.packaging.names import POSTER_HEIGHT
from apps.pipeline.shared_videos import SharedVideo, shared_video
from apps.pipeline.sharing import page_address
from canvascast.errors import NotFound, Refused

# Below the film: its title, the way to its words, and who made it. As high as the last row of embed.css.
BAR_PIXELS = 40
_USUAL_PIXELS = 640


@dataclass(frozen=True)
class Links:
    """Whole addresses of a shared video, for programs that look at its page; `poster` is empty where there is none."""

    page: str
    frame: str
    oembed: str
    poster: str
    frame_size: tuple[int, int]
    poster_size: tuple[int, int]


class FormatNotOffered(Refused):
    """The answer was asked for in the other format that oEmbed knows, XML."""

    status = HTTPStatus.NOT_IMPLEMENTED


def links_of(video: SharedVideo) -> Links:
    """Return the addresses of the video."""
    film = (video.player.width, video.player.height)
    return Links(
        page=page_address(video.token),
        frame=frame_address(video.token),
        oembed=_oembed_address(video.token),
        poster=_poster_address(video),
        frame_size=frame_size(film),
        poster_size=_poster_size(film),
    )


def frame_address(token: str) -> str:
    """Return the address of the page that other sites may frame."""
    return urljoin(settings.SITE_URL, reverse("pipeline:embed", args=[token]))


def frame_size(film: tuple[int, int], *, most_wide: int | None = None, most_high: int | None = None) -> tuple[int, int]:
    """Return width and height of the frame in pixels: the film in its shape, and the bar.

    As large as may be, but not larger than the film; where nothing is said, 640 pixels at its longer side.
    """
    if most_wide is None and most_high is None:
        most_wide, most_high = _USUAL_PIXELS, _USUAL_PIXELS + BAR_PIXELS
    width, height = film
    scale = min(1.0, (most_wide or width) / width, ((most_high or height + BAR_PIXELS) - BAR_PIXELS) / height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale)) + BAR_PIXELS
    return wide, min(high, most_high or high)


def embed_code(token: str, title: str, size: tuple[int, int]) -> str:
    """Return the HTML that another page takes over; the title is part of it, escaped."""
    width, height = size
    return (
        f'<iframe src="{frame_address(token)}" width="{width}" height="{height}" title="{escape(title)}" '
        'allowfullscreen loading="lazy" style="border: 0; max-width: 100%"></iframe>'
    )


def embed_code_of(token: str) -> str | None:
    """Return the HTML for the video of a live link, None while it has no film."""
    try:
        video = shared_video(token)
    except NotFound:
        return None
    return embed_code(token, video.title, links_of(video).frame_size)


def token_in(address: str) -> str:
    """Return the token of one of our own addresses of shared videos. Raises NotFound for any other address."""
    try:
        parts = urlsplit(address)
        found = resolve(parts.path)
    except (ValueError, Resolver404) as error:
        raise NotFound from error
    is_ours = parts.scheme in ("http", "https") and parts.netloc.lower() == urlsplit(settings.SITE_URL).netloc.lower()
    if not is_ours or found.view_name not in ("pipeline:shared", "pipeline:embed"):
        raise NotFound
    return str(found.kwargs["share_token"])


def oembed_answer(video: SharedVideo, *, most_wide: int | None, most_high: int | None) -> dict[str, Any]:  # Any: JSON
    """Return what oEmbed calls a response of type video, without a thumbnail that is larger than what was asked for."""
    film = (video.player.width, video.player.height)
    width, height = frame_size(film, most_wide=most_wide, most_high=most_high)
    answer: dict[str, Any] = {
        "version": "1.0",
        "type": "video",
        "title": video.title,
        "provider_name": "CanvasCast",
        "provider_url": urljoin(settings.SITE_URL, "/"),
        "width": width,
        "height": height,
        "html": embed_code(video.token, video.title, (width, height)),
    }
    poster_wide, poster_high = _poster_size(film)
    if video.player.poster and poster_wide <= (most_wide or poster_wide) and poster_high <= (most_high or poster_high):
        answer |= {
            "thumbnail_url": _poster_address(video),
            "thumbnail_width": poster_wide,
            "thumbnail_height": poster_high,
        }
    return answer


def _oembed_address(token: str) -> str:
    asked = urlencode({"url": page_address(token), "format": "json"})
    return f"{urljoin(settings.SITE_URL, reverse('pipeline:oembed'))}?{asked}"


def _poster_address(video: SharedVideo) -> str:
    return urljoin(settings.SITE_URL, video.player.poster) if video.player.poster else ""


def _poster_size(film: tuple[int, int]) -> tuple[int, int]:
    """As the packager draws it: the shape of the film, an even number of pixels wide."""
    return 2 * round(POSTER_HEIGHT * film[0] / film[1] / 2), POSTER_HEIGHT
