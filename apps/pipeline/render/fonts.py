"""Which font shows which character: the family that ships with the product, then whatever the machine has installed.

Emoji and other pictographs that no font has are left out of drawn text (they stay in the subtitle files); letters,
digits and punctuation that no font has are a reason to refuse the text, with a sentence that names them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import font_manrope
from fontTools import unicodedata as scripts
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from PIL import ImageFont, features

from apps.pipeline.providers.errors import Rejected

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
)
_MOST_FILES = 600
_MOST_MARKS = 6
_UNWANTED = ("italic", "oblique", "condensed", "mono", "serif", "thin", "light", "black", "emoji", "math")
_NEVER_DRAWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PICTOGRAPHS = frozenset({"So", "Sk"})
_EMOJI_MARKS = frozenset("\u20e3\ufe0e\ufe0f")
_JOINERS = frozenset("\u200c\u200d")
# Scripts whose letters stand one after the other, left to right, without joining: every Pillow can lay them out.
_UNSHAPED = frozenset({"Latn", "Cyrl", "Grek", "Hani", "Hira", "Kana", "Hang", "Bopo", "Armn", "Geor", "Zyyy", "Zinh"})
_SAMPLES = {
    "Latn": "AaÉéßñ", "Cyrl": "Жяё", "Grek": "Ωώ", "Hans": "汉语时间", "Hant": "漢語時間", "Jpan": "日本あア",
    "Kore": "한국어", "Arab": "العربية", "Hebr": "עברית", "Deva": "हिन्दी", "Beng": "বাংলা", "Taml": "தமிழ்",
    "Telu": "తెలుగు", "Gujr": "ગુજરાતી", "Guru": "ਪੰਜਾਬੀ", "Knda": "ಕನ್ನಡ", "Mlym": "മലയാളം", "Thai": "ไทย",
    "Armn": "Հայերեն", "Geor": "ქართული", "Ethi": "አማርኛ", "Khmr": "ខ្មែរ", "Mymr": "မြန်မာ", "Sinh": "සිංහල",
}  # fmt: skip


@dataclass(frozen=True)
class Face:
    """One font: a file and the number of the face in it. The bold one of its family where there is a choice."""

    path: Path
    index: int

    def at_size(self, size: int, text: str) -> ImageFont.FreeTypeFont:
        """Return the face for drawing `text` at `size` pixels; the plain layout unless the script needs shaping."""
        engine = ImageFont.Layout.RAQM if needs_shaping(text) else ImageFont.Layout.BASIC
        return _sized(self, size, engine)


@dataclass(frozen=True)
class Run:
    """A piece of text that one face shows."""

    text: str
    face: Face


def font_for(text: str) -> Face:
    """Return the first face that shows all of `text`, else the one for its first drawable character."""
    shown = drawable(text)
    runs = runs_of(shown)
    return _face_of(shown) or (runs[0].face if runs else _own_face())


def runs_of(text: str) -> tuple[Run, ...]:
    """Split drawable `text` into pieces that one face shows; a letter is never parted from its marks.

    What no face shows is left out: a letter with its marks, or a mark that no face has together with its letter.
    """
    runs: list[Run] = []
    for cluster in _clusters(text):
        face = runs[-1].face if runs and _shows(runs[-1].face, cluster) else _face_of(cluster) or _face_of(cluster[0])
        if face is None:
            continue
        shown = "".join(char for char in cluster if _shows(face, char))
        if runs and runs[-1].face == face:
            runs[-1] = Run(runs[-1].text + shown, face)
        else:
            runs.append(Run(shown, face))
    return tuple(runs)


def faces_of(text: str) -> tuple[str, ...]:
    """Return the names of the files that `text` is drawn with, sorted."""
    return tuple(sorted({run.face.path.name for run in runs_of(drawable(text))}))


def drawable(text: str) -> str:
    """Return `text` without control characters, and without the pictographs that no font has."""
    kept = _JOINERS if needs_shaping(text) else frozenset()
    return "".join(char for char in " ".join(text.splitlines()).replace("\t", " ") if char in kept or _is_drawn(char))


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Return the letters, digits and signs of `text` that cannot be shown here, each once, in order."""
    return tuple(char for char in dict.fromkeys(drawable(text)) if not _can_draw(char))


def require_glyphs(text: str) -> None:
    """Raise Rejected ("no_font") naming what cannot be shown of `text`, and what would help."""
    missing = missing_glyphs(text)
    if not missing:
        return
    named = " ".join(missing[:12]) + (" …" if len(missing) > 12 else "")
    help_ = "Install fonts-noto-core and fonts-noto-cjk" + ("" if _has_shaping() else " and libfribidi0")
    raise Rejected("no_font", f"No installed font can show: {named}. {help_}, or change the text.")


def can_show(script: str) -> bool:
    """Whether captions in `script` (ISO 15924: "Latn", "Arab", "Hans" …) can be drawn on this machine."""
    sample = _SAMPLES.get(script)
    return sample is not None and not missing_glyphs(sample)


def needs_shaping(text: str) -> bool:
    """Whether `text` has letters that join, reorder or run right to left."""
    return any(scripts.script(char) not in _UNSHAPED for char in text if ord(char) > 0x7F)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter of `text` that has a direction runs right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def _is_drawn(char: str) -> bool:
    category = unicodedata.category(char)
    if category in _NEVER_DRAWN or char in _EMOJI_MARKS:
        return False
    return category not in _PICTOGRAPHS or ord(char) in _covered()


def _can_draw(char: str) -> bool:
    if char.isspace() or char in _JOINERS:
        return True
    return ord(char) in _covered() and (_has_shaping() or not needs_shaping(char))


@cache
def _has_shaping() -> bool:
    return bool(features.check("raqm")) and bool(features.check("fribidi"))


def _clusters(text: str) -> list[str]:
    """Part a text into letters with their marks; what is piled on a letter beyond any script's need is left out."""
    clusters: list[str] = []
    for char in text:
        if not clusters or not (unicodedata.combining(char) or char in _JOINERS):
            clusters.append(char)
        elif len(clusters[-1]) <= _MOST_MARKS:
            clusters[-1] += char
    return clusters


def _shows(face: Face, text: str) -> bool:
    return all(char in _JOINERS or ord(char) in _coverage(face) for char in text)


@lru_cache(maxsize=4096)
def _face_of(text: str) -> Face | None:
    return next((face for face in _faces() if _shows(face, text)), None)


@cache
def _sized(face: Face, size: int, engine: ImageFont.Layout) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face.path), size, index=face.index, layout_engine=engine)


def _own_face() -> Face:
    return Face(Path(font_manrope.ManropeExtraBold), 0)


@cache
def _faces() -> tuple[Face, ...]:
    installed = (Face(path, index) for path in _installed_files() for index in _face_numbers(path))
    return (_own_face(), *installed)


def _installed_files() -> list[Path]:
    """Return at most `_MOST_FILES` files: upright sans faces first, bold before regular, Noto before others."""
    found = [path for folder in _FOLDERS for path in _font_files(Path(folder).expanduser())]
    return sorted(found, key=_preference)[:_MOST_FILES]


def _font_files(folder: Path) -> Iterator[Path]:
    for suffix in ("ttf", "otf", "ttc"):
        yield from folder.rglob(f"*.{suffix}")


def _preference(path: Path) -> tuple[bool, bool, bool, str]:
    name = path.stem.lower()
    return any(word in name for word in _UNWANTED), "bold" not in name, not name.startswith("notosans"), path.name


@cache
def _face_numbers(path: Path) -> tuple[int, ...]:
    if path.suffix.lower() != ".ttc":
        return (0,)
    try:
        with TTCollection(str(path), lazy=True) as collection:
            return tuple(range(len(collection.fonts)))
    except (TTLibError, OSError):
        return ()


@cache
def _covered() -> frozenset[int]:
    """All that any face shows; asking face by face costs seconds for a text of thousands of different signs."""
    return frozenset().union(*map(_coverage, _faces()))


def _has_outlines(font: TTFont) -> bool:
    """Colour emoji fonts hold pictures of fixed sizes, which cannot be drawn at the sizes of text."""
    return ("glyf" in font or "CFF " in font or "CFF2" in font) and "CBDT" not in font and "sbix" not in font


@cache
def _coverage(face: Face) -> frozenset[int]:
    try:
        with TTFont(str(face.path), fontNumber=face.index, lazy=True) as font:
            return frozenset(font.getBestCmap() or ()) if _has_outlines(font) else frozenset()
    except (TTLibError, OSError, KeyError, AssertionError):
        return frozenset()
