"""The page font, made at set-up from the font package: `python -m canvascast.site.fonts`."""

from __future__ import annotations

import sys
from pathlib import Path

import font_manrope
from fontTools import subset
from fontTools.ttLib import TTFont

from canvascast.env import ROOT

BUILT = ROOT / "build" / "static"
FONT = BUILT / "fonts" / "manrope.woff2"
_SOURCE = Path(font_manrope.__file__).parent / "files"
# Latin with its accents, Cyrillic, Greek, and the punctuation and signs that our own words use.
_RANGES = ("0000-017F", "01CD-01DC", "0218-021B", "02C6-02DC", "0370-03FF", "0400-045F", "2010-2044", "20AC", "2122")
_SIGNS = "−×≤≥←→✓½¼¾…•·№"


def make_page_font(target: Path = FONT) -> Path:
    """Write the variable font's subset as woff2 to `target`, with its licence beside it; return `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    options = subset.Options(flavor="woff2", layout_features=["kern", "liga", "tnum", "calt", "ccmp", "locl", "mark"])
    font = TTFont(_SOURCE / "Manrope-VariableFont_wght.ttf")
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=_characters(), text=_SIGNS)
    cutter.subset(font)
    font.flavor = "woff2"
    font.save(target)
    (target.parent / "OFL.txt").write_bytes((_SOURCE / "OFL.txt").read_bytes())
    return target


def _characters() -> list[int]:
    characters: list[int] = []
    for written in _RANGES:
        first, _, last = written.partition("-")
        characters += range(int(first, 16), int(last or first, 16) + 1)
    return characters


if __name__ == "__main__":
    sys.stdout.write(f"{make_page_font()}\n")
