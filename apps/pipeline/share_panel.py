"""What a video's page tells its owner of sharing."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.embedding import embed_code, frame_size
from apps.pipeline.models import Project
from apps.pipeline.playing import Player
from apps.pipeline.shared_videos import public_title
from apps.pipeline.sharing import link_of, page_address


@dataclass(frozen=True)
class SharePanel:
    """`url` is empty while it is not shared, `embed_code` also while this page plays no film to embed."""

    url: str
    embed_code: str
    can_begin: bool


def share_panel(project: Project, player: Player | None = None) -> SharePanel:
    """Return how sharing of the video stands; `player` is that of its page, None while it has none. One query."""
    link = link_of(project.pk)
    has_film = player is not None and bool(player.film)
    if link is None:
        return SharePanel("", "", can_begin=has_film)
    size = frame_size((player.width, player.height)) if player is not None else (0, 0)
    code = embed_code(link.token, public_title(project), size) if has_film else ""
    return SharePanel(page_address(link.token), code, can_begin=False)
