"""The files of a finished video in the order and under the names in which a person looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from apps.pipeline.models import Asset
from apps.pipeline.packaging import names


@dataclass(frozen=True)
class File:
    """One file to save. `format` is its suffix in capitals: "MP4"."""

    asset_id: UUID
    format: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Row:
    """Files that hold the same thing in several formats."""

    name: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class FileList:
    """Every file of the package once. `film` and `everything` are None when they are no longer kept."""

    film: File | None
    everything: File | None
    rows: tuple[Row, ...]
    for_editing: tuple[Row, ...]
    pictures: tuple[File, ...]
    thumbnails: tuple[File, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.film or self.everything or self.rows or self.for_editing or self.pictures or self.thumbnails)


_ROWS = (
    ("Sound", (names.AUDIO_MP3, names.AUDIO_WAV)),
    ("Captions", (names.CAPTIONS_SRT, names.CAPTIONS_VTT)),
    ("Script", (names.SCRIPT_TEXT, names.SCRIPT_JSON)),
)
_FOR_EDITING = (
    ("Voice alone", (names.NARRATION,)),
    ("Chapters track", (names.CHAPTERS_VTT,)),
    ("Timeline", (names.TIMELINE,)),
    ("Times of all words", (names.ALIGNMENT,)),
    ("Descriptions of the pictures", (names.SCENE_PLAN,)),
    ("List of all files", (names.MANIFEST,)),
)
_MUSIC = "audio/music."
_THUMBNAILS = (names.thumbnail_name(1080), names.choice_name(2), names.choice_name(3))
_SMALL_THUMBNAILS = (names.POSTER, names.thumbnail_name(270))


def file_list(assets: Iterable[Asset]) -> FileList:
    """Sort the files of a package."""
    found = {asset.filename: asset for asset in assets}
    music = [("Music", tuple(name for name in found if name.startswith(_MUSIC)))]
    return FileList(
        film=_file(found, names.VIDEO),
        everything=_file(found, names.ARCHIVE),
        rows=_rows(found, _ROWS),
        for_editing=_rows(found, (*_FOR_EDITING, *music, ("Smaller thumbnails", _SMALL_THUMBNAILS))),
        pictures=_files(found, sorted(name for name in found if name.startswith("images/"))),
        thumbnails=_files(found, _THUMBNAILS),
    )


def _rows(found: Mapping[str, Asset], table: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Row, ...]:
    rows = (Row(name, _files(found, filenames)) for name, filenames in table)
    return tuple(row for row in rows if row.files)


def _files(found: Mapping[str, Asset], filenames: Iterable[str]) -> tuple[File, ...]:
    return tuple(file for name in filenames if (file := _file(found, name)) is not None)


def _file(found: Mapping[str, Asset], filename: str) -> File | None:
    asset = found.get(filename)
    if asset is None:
        return None
    return File(asset.pk, PurePosixPath(filename).suffix[1:].upper(), asset.size_bytes, asset.sha256)
