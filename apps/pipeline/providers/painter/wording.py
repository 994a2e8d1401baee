"""A shot in words, for services that take one text and a shape."""

from __future__ import annotations

from apps.pipeline.contracts import SHAPE_SIZES, Shape
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.base import PaintRequest

_CENTRE, _OFF_CENTRE = 0.5, 0.05
_REFERENCE = (
    "The picture that comes with this shows the main character: wherever that character appears, keep face, hair, "
    "build and clothes the same, in the style above, but take neither background nor pose from it."
)


def described(request: PaintRequest) -> str:
    """Return everything the picture should be in one text; what must not be in it is said too, for want of a field."""
    shot = request.shot
    sentences = (
        shot.prompt,
        f"Main colours: {', '.join(shot.palette)}." if shot.palette else "",
        f"Put what matters {_side(shot.focus.x)}, away from the edges.",
        _REFERENCE if request.reference is not None else "",
        f"Do not show: {shot.negative_prompt}." if shot.negative_prompt else "",
    )
    return " ".join(sentence for sentence in sentences if sentence)


def picture_refused(service: str) -> Rejected:
    """Return the error for a description that the service will not draw."""
    return Rejected("picture_refused", f"{service} will not draw this.")


def nearest_shape(width: int, height: int) -> Shape:
    """Return the product's shape that is closest to that size."""

    def difference(shape: Shape) -> float:
        wide, high = SHAPE_SIZES[shape]
        return max(width * high, wide * height) / min(width * high, wide * height)

    return min(SHAPE_SIZES, key=difference)


def _side(x: float) -> str:
    if abs(x - _CENTRE) < _OFF_CENTRE:
        return "near the middle"
    return "left of the middle" if x < _CENTRE else "right of the middle"
