"""What `manage.py doctor` says of the machine: packages, programs, codecs, fonts, kernel, weights, a second of film."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import django
import pytest

from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.render import codecs, ffmpeg, fonts, kernel_c, trial
from canvascast.operations.doctor import machine
from canvascast.operations.doctor.findings import Finding

INSTALL = "Install the requirements again: `make install`."
ELSEWHERE = "colorama==0.0.1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"


def locked(settings, folder: Path, text: str) -> Finding:
    settings.BASE_DIR = folder
    (folder / machine.LOCK).write_text(text)
    return machine.packages()


def test_packages_as_they_are_locked_are_well(settings, tmp_path: Path):
    found = locked(settings, tmp_path, f"django=={django.__version__} \\\n    --hash=sha256:00\n{ELSEWHERE}")

    assert found.state == "ok"
    assert found.text.endswith(", every package as it is locked")


def test_packages_that_differ_from_the_lock_are_named(settings, tmp_path: Path):
    found = locked(settings, tmp_path, "django==1.0 \\\nno-such-package==2 \\\n" + ELSEWHERE)

    assert (found.state, found.fix) == ("trouble", INSTALL)
    assert found.text.endswith(f"not as locked: django {django.__version__}, no-such-package is missing")


def test_many_packages_that_differ_are_counted(settings, tmp_path: Path):
    found = locked(settings, tmp_path, "".join(f"no-{number}==1 \\\n" for number in range(9)))

    assert found.text.endswith("no-4 is missing and 4 more")


def test_ffmpeg_that_does_not_run_is_trouble(monkeypatch):
    assert machine.ffmpeg().state == "ok"

    def does_not_run() -> str:
        raise OSError("no")

    monkeypatch.setattr(machine, "ffmpeg_version", does_not_run)

    assert machine.ffmpeg() == Finding("ffmpeg", "trouble", "OSError", INSTALL)


@pytest.fixture
def program(monkeypatch, tmp_path: Path) -> Path:
    """A program in ffmpeg's place, which the test writes."""
    path = tmp_path / "ffmpeg"
    monkeypatch.setattr(ffmpeg, "binary", lambda: str(path))
    return path


def write_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_all_codecs_that_we_use_are_there():
    assert machine.codecs_we_use().state == "ok"


def test_missing_codecs_are_named(program: Path, monkeypatch):
    names = "aac flac pcm_s16le pcm_f32le vorbis opus alac"
    write_program(program, f'for name in {names}; do echo " A....D $name  something"; done')
    monkeypatch.setattr(codecs, "_WRITTEN_BY_PYAV", ("libx264", "libx266"))

    missing = "libmp3lame (ffmpeg), mp3float decoder (ffmpeg), libx266 (PyAV)"
    assert machine.codecs_we_use() == Finding("codecs", "trouble", f"missing: {missing}", INSTALL)


def test_ffmpeg_that_lists_nothing_is_trouble(program: Path):
    write_program(program, "exit 1")

    assert machine.codecs_we_use() == Finding("codecs", "trouble", "ffmpeg cannot be asked (ChildFailed)", INSTALL)


def test_fonts_that_are_not_installed_are_named_with_their_package(monkeypatch):
    monkeypatch.setattr(fonts, "can_show", lambda script: script in ("Latn", "Hans"))

    assert machine.glyphs() == Finding(
        "fonts", "not set", "no captions in Deva, Arab", "Install fonts-noto-core and libfribidi0."
    )


def test_own_font_that_cannot_be_read_is_trouble(monkeypatch):
    monkeypatch.setattr(fonts, "can_show", lambda script: False)

    assert machine.glyphs() == Finding("fonts", "trouble", "the program's own font cannot be read", INSTALL)


@pytest.mark.parametrize(
    ("content", "text", "fix"),
    [
        (None, "numba's kernel draws, slower: the native one was not built", "Run `make kernel` (wants gcc)"),
        (b"none", "numba's kernel draws, slower: this processor cannot run the native one", "Run `make kernel` here"),
    ],
    ids=["not built", "not for here"],
)
def test_machine_without_the_native_kernel_says_why(monkeypatch, tmp_path: Path, content, text, fix):
    library = tmp_path / "kernel.so"
    if content is not None:
        library.write_bytes(content)
    monkeypatch.setattr(kernel_c, "library_path", lambda: library)

    found = machine.renderer()

    assert (found.state, found.text) == ("not set", text)
    assert found.fix.startswith(fix)


def test_native_kernel_is_named_where_it_is_loaded(monkeypatch):
    monkeypatch.setattr(kernel_c, "is_usable", lambda: True)

    assert machine.renderer() == Finding("renderer", "ok", "the native kernel draws")


@pytest.fixture
def whisper_folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.ALIGNERS = ["speaker-events", "whisper"]
    registry.use_accounts({"whisper": Account("whisper", "", tmp_path.as_uri(), {"hearing": "base"})})
    yield tmp_path
    registry.use_accounts({})


def test_whisper_that_is_not_chosen_is_not_looked_for(settings):
    assert machine.whisper().state == "not set"


def test_whisper_that_is_chosen_and_not_installed_is_trouble(whisper_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "whisper", None)

    found = machine.whisper()

    assert (found.state, found.text) == ("trouble", "openai-whisper is not installed: make whisper")
    assert "`make whisper`" in found.fix


def test_weights_of_whisper_are_looked_for(whisper_folder: Path, monkeypatch):
    official = {"base": "https://models.example/ed3a/base.pt"}
    monkeypatch.setitem(sys.modules, "whisper", SimpleNamespace(_MODELS=official))

    missing = machine.whisper()
    (whisper_folder / "base.pt").write_bytes(b"x" * 2_000_000)
    there = machine.whisper()

    assert (missing.state, missing.text) == ("trouble", f"the weights base.pt are not in {whisper_folder}")
    assert there == Finding("whisper", "ok", "base.pt, 2 MB")


@pytest.mark.slow  # renders
def test_second_of_film_is_made_and_decoded(settings, tmp_path: Path):
    settings.SCRATCH_DIR = tmp_path / "scratch"

    found = machine.film()

    assert (found.state, found.fix) == ("ok", "")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_machine_that_cannot_make_a_film_says_what_to_look_at(settings, tmp_path: Path, program: Path):
    settings.SCRATCH_DIR = tmp_path / "scratch"
    write_program(program, "echo broken >&2; exit 1")

    found = machine.film()

    assert (found.state, found.text) == ("trouble", "no second of film can be made (child_failed)")
    assert found.fix.startswith("Look at what stands above under ffmpeg, codecs")


def test_film_that_cannot_be_decoded_is_a_fault(tmp_path: Path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"no film")

    assert list(trial._decoding_faults(film)) == ["film_decodes (InvalidDataError)"]


def test_film_with_faults_is_trouble(settings, tmp_path: Path, monkeypatch):
    settings.SCRATCH_DIR = tmp_path
    monkeypatch.setattr(machine, "film_one_second", lambda *_: trial.TrialFilm(1.0, ("film_frames", "film_audio")))

    found = machine.film()

    assert (found.state, found.text) == (
        "trouble",
        "a second of film is not as it should be: film_frames, film_audio",
    )
