"""The on-screen title of a scene: on a box, away from the captions, faded in and out."""

from __future__ import annotations

from apps.pipeline.contracts import CaptionPosition, Overlay, Theme
from apps.pipeline.render.colours import from_hex, readable
from apps.pipeline.render.lettering import draw_boxed
from apps.pipeline.render.patches import Patch
from apps.pipeline.render.safe_areas import safe_area
from apps.pipeline.render.text_layout import ShownWord, lay_out

FADE_FRAMES = 9
_SIZE = 0.056
_MARGIN_SIZES = 1.6
_AWAY_FROM: dict[CaptionPosition, CaptionPosition] = {"bottom": "top", "middle": "top", "top": "bottom"}


class TitlePainter:
    """Draws one title over its frames."""

    def __init__(self, overlay: Overlay, theme: Theme, captions: CaptionPosition, width: int, height: int) -> None:
        self._overlay = overlay
        area, size = safe_area(width, height), round(min(width, height) * _SIZE)
        words = [ShownWord(number, word) for number, word in enumerate(overlay.text.split())]
        layout = lay_out(words, size, area.width - size * _MARGIN_SIZES)
        self._patch: Patch | None = None
        if layout.runs:
            background = from_hex(theme.background)
            sheet = draw_boxed(layout, background, bar=readable(from_hex(theme.accent), background)).sheet
            self._patch = sheet.as_patch(*area.place(sheet.width, sheet.height, _AWAY_FROM[captions]))

    def patch_at(self, frame: int) -> Patch | None:
        """Return what stands on `frame`, or None."""
        shown, left = frame - self._overlay.start_frame + 1, self._overlay.end_frame - frame
        if shown < 1 or left < 1 or self._patch is None:
            return None
        weight = 256 * min(shown, left, FADE_FRAMES) // FADE_FRAMES
        return self._patch if weight >= 256 else self._patch.faded(weight)
