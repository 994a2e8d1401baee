"""What this machine has: packages, programs, codecs, fonts, the renderer's kernel, Whisper's weights."""

from __future__ import annotations

import platform
import re
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings
from packaging.requirements import Requirement

from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError
from apps.pipeline.render import codecs, fonts, kernel_c
from apps.pipeline.render.ffmpeg import ffmpeg_version
from apps.pipeline.render.trial import film_one_second
from canvascast.operations.doctor.findings import Finding, trouble

_INSTALL = "Install the requirements again: `make install`."
LOCK = "requirements-base.txt"
_MOST_NAMED = 5
# The alphabets of the voices there are, with the packages that show them; the others come with the program.
_SCRIPTS = {
    "Deva": "fonts-noto-core and libfribidi0",
    "Arab": "fonts-noto-core and libfribidi0",
    "Hans": "fonts-noto-cjk",
}


def packages() -> Finding:
    """Look whether what runs is what was locked and tested."""
    python = f"Python {platform.python_version()}"
    wrong = list(_not_as_locked((Path(settings.BASE_DIR) / LOCK).read_text()))
    if not wrong:
        return Finding("python", "ok", f"{python}, every package as it is locked")
    named = ", ".join(wrong[:_MOST_NAMED]) + (f" and {len(wrong) - _MOST_NAMED} more" if wrong[_MOST_NAMED:] else "")
    return trouble("python", f"{python}; not as locked: {named}", _INSTALL)


def ffmpeg() -> Finding:
    try:
        return Finding("ffmpeg", "ok", ffmpeg_version())
    except (OSError, RuntimeError) as error:
        return trouble("ffmpeg", type(error).__name__, _INSTALL)


def codecs_we_use() -> Finding:
    """Ask ffmpeg and PyAV for each codec that a film, its sound and an upload need."""
    try:
        missing = codecs.missing()
    except (OSError, PipelineError) as error:
        return trouble("codecs", f"ffmpeg cannot be asked ({type(error).__name__})", _INSTALL)
    if missing:
        return trouble("codecs", f"missing: {', '.join(missing)}", _INSTALL)
    return Finding("codecs", "ok", "H.264, AAC, MP3, FLAC and WAV can be written, uploads be read")


def glyphs() -> Finding:
    missing = {script: packages for script, packages in _SCRIPTS.items() if not fonts.can_show(script)}
    if not fonts.can_show("Latn"):
        return trouble("fonts", "the program's own font cannot be read", _INSTALL)
    if not missing:
        return Finding("fonts", "ok", "captions in every script there are voices for")
    named = ", ".join(sorted(set(missing.values())))
    return Finding("fonts", "not set", f"no captions in {', '.join(missing)}", f"Install {named}.")


def renderer() -> Finding:
    """Tell which of the two kernels draws here."""
    if kernel_c.is_usable():
        return Finding("renderer", "ok", "the native kernel draws")
    built = kernel_c.library_path().is_file()
    why = "this processor cannot run the native one" if built else "the native one was not built"
    wanted = "Run `make kernel` here" if built else "Run `make kernel` (wants gcc)"
    fix = f"{wanted}; films are the same, and take less time."
    return Finding("renderer", "not set", f"numba's kernel draws, slower: {why}", fix)


def whisper() -> Finding:
    """Look for Whisper's program and weights where it is chosen; nothing is loaded."""
    if "whisper" not in settings.ALIGNERS:
        return Finding("whisper", "not set", "others time the words", "Set WHISPER_MODEL, after `make whisper`.")
    try:
        weights = registry.provider("aligner", "whisper").weights()
    except PipelineError as error:
        fix = "Run `make whisper`, and put the weights into WHISPER_FOLDER (README, “Whisper”)."
        return trouble("whisper", str(error), fix)
    return Finding("whisper", "ok", f"{weights.name}, {weights.stat().st_size // 1_000_000} MB")


def film() -> Finding:
    """Film a second with the renderer's own process, sound and all, and decode it again."""
    fix = "Look at what stands above under ffmpeg, codecs, renderer and disk; then `make install` and `make kernel`."
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
        try:
            made = film_one_second(Path(folder), settings.CACHE_DIR)
        except (OSError, PipelineError) as error:
            code = error.code if isinstance(error, PipelineError) else type(error).__name__
            return trouble("film", f"no second of film can be made ({code})", fix)
    if made.faults:
        return trouble("film", f"a second of film is not as it should be: {', '.join(made.faults)}", fix)
    return Finding("film", "ok", f"a second of film was made in {made.seconds:.1f} s and decodes")


def _not_as_locked(lock: str) -> Iterator[str]:
    for line in re.findall(r"^[A-Za-z0-9].*==.*?(?= *\\?$)", lock, re.MULTILINE):
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield f"{wanted.name} is missing"
            continue
        if found not in wanted.specifier:
            yield f"{wanted.name} {found}"
