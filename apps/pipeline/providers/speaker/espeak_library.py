"""espeak-ng through ctypes: text in, samples and word marks out.

The library is one global machine per process: a lock lets one text through at a time, and a fork waits for it, so that
no child inherits a half-spoken sentence. The phases of its oscillators live on from text to text, which makes the bytes
of one depend on the one before; so it is loaded afresh for each, in 1 to 4 ms. Constants and structures are those of
espeak-ng 1.52's `speak_lib.h`.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import tempfile
import threading
from _ctypes import dlclose
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import espeakng_loader

SLOWEST_RATE = 80
FASTEST_RATE = 450

_SYNCHRONOUS = 2  # RETRIEVAL (1) returns early and then crashes.
_DO_NOT_EXIT = 0x8000
_UTF8 = 1  # No SSML, no [[phonemes]]: markup in the text is read out like any other sign.
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_LIST_END, _WORD, _CLAUSE_END = 0, 1, 5
# path_home in espeak-ng holds 160 bytes with "/espeak-ng-data" on top; longer ones are cut without a word.
_LONGEST_PATH = 120

_lock = threading.Lock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


@dataclass(frozen=True)
class Delivery:
    """How a text is said. `rate` is espeak's own, 80 to 450; `word_gap` counts pauses of 10 ms at its normal rate."""

    voice: str
    rate: int
    word_gap: int
    pitch: int
    pitch_range: int


@dataclass(frozen=True)
class Mark:
    """At `sample` the word that begins at `character` of the text starts; `character` None: a clause has ended."""

    sample: int
    character: int | None


@dataclass(frozen=True)
class Utterance:
    """`pcm` is mono signed 16-bit at `sample_rate`; `marks` are in the order of the audio."""

    pcm: bytes
    sample_rate: int
    marks: tuple[Mark, ...]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def say(text: str, delivery: Delivery) -> Utterance:
    """Speak `text`. Raises RuntimeError when the library does not know the voice or refuses the text."""
    with _lock, _fresh_library() as library:
        _set_up(library, delivery)
        return _synthesise(library, text)


def version() -> str:
    """Return the library's own version."""
    with _lock, _fresh_library() as library:
        return str(library.handle.espeak_Info(None).decode())


@dataclass(frozen=True)
class _Library:
    handle: ctypes.CDLL
    sample_rate: int


@contextmanager
def _fresh_library() -> Iterator[_Library]:
    handle = ctypes.CDLL(espeakng_loader.get_library_path())
    handle.espeak_Info.restype = ctypes.c_char_p
    data_path = _short_path(Path(espeakng_loader.get_data_path()))
    try:
        sample_rate = handle.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data_path), _DO_NOT_EXIT)
        if sample_rate <= 0:
            raise RuntimeError(f"espeak-ng does not start with its data at {data_path}")
        yield _Library(handle, sample_rate)
        handle.espeak_Terminate()
    finally:
        dlclose(handle._handle)


@cache
def _short_path(data: Path) -> Path:
    if len(os.fsencode(data)) <= _LONGEST_PATH:
        return data
    folder = Path(tempfile.mkdtemp(prefix="espeak-"))
    if len(os.fsencode(folder)) > _LONGEST_PATH:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="espeak-", dir="/tmp"))
    (folder / data.name).symlink_to(data, target_is_directory=True)
    atexit.register(_remove, folder, os.getpid())
    return folder / data.name


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(library: _Library, delivery: Delivery) -> None:
    if library.handle.espeak_SetVoiceByName(delivery.voice.encode()) != 0:
        raise RuntimeError(f"espeak-ng has no voice {delivery.voice}")
    for parameter, value in (
        (_RATE, delivery.rate),
        (_PITCH, delivery.pitch),
        (_RANGE, delivery.pitch_range),
        (_WORD_GAP, delivery.word_gap),
    ):
        library.handle.espeak_SetParameter(parameter, value, 0)


def _synthesise(library: _Library, text: str) -> Utterance:
    chunks: list[bytes] = []
    marks: list[Mark] = []

    def receive(wave: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if wave and count > 0:
            chunks.append(ctypes.string_at(wave, count * 2))
        marks.extend(_marks(events))
        return 0

    callback = _Callback(receive)
    library.handle.espeak_SetSynthCallback(callback)
    encoded = text.encode()
    status = library.handle.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
    if status != 0:
        raise RuntimeError(f"espeak-ng refused a text of {len(encoded)} bytes with status {status}")
    return Utterance(b"".join(chunks), library.sample_rate, tuple(marks))


def _marks(events: ctypes._Pointer[_Event]) -> list[Mark]:
    marks: list[Mark] = []
    index = 0
    while events[index].type != _LIST_END:
        event = events[index]
        if event.type == _WORD:
            marks.append(Mark(event.sample, event.text_position - 1))
        elif event.type == _CLAUSE_END:
            marks.append(Mark(event.sample, None))
        index += 1
    return marks
