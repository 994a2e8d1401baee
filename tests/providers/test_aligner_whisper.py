"""Whisper's real loading and alignment code, on a small model of random weights that the test saves itself."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import pytest

from apps.pipeline.providers.aligner.quality import check_alignment
from apps.pipeline.providers.aligner.whisper import WhisperAligner
from apps.pipeline.providers.errors import PipelineError, Rejected, Transient
from apps.pipeline.providers.vendors.account import Account
from tests.pipeline.spoken import tokens_of
from tests.providers.scenes import SpokenScene, spoken_scene

whisper = pytest.importorskip("whisper", reason="openai-whisper and torch are not installed here: make whisper")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SpokenScene:
    return spoken_scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights with two models: one that knows many languages, one that knows English."""
    made = tmp_path_factory.mktemp("models & more")
    _save_model(made / "base.pt", vocabulary=51_865)
    _save_model(made / "base.en.pt", vocabulary=51_864)
    return made


def aligner_of(folder: Path, model: str = "base.pt") -> WhisperAligner:
    return WhisperAligner(Account("whisper", "", folder.as_uri(), {"hearing": model}))


@pytest.mark.parametrize("model", ["base.pt", "base.en.pt"])
def test_every_word_has_a_time_in_order_inside_the_audio(folder: Path, scene: SpokenScene, model: str) -> None:
    found = aligner_of(folder, model).align(scene.request())

    assert [word.index for word in found.words] == list(range(len(scene.tokens)))
    assert all(0 <= word.start < word.end <= scene.seconds + 1e-6 for word in found.words)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(found.words))
    assert found.served_by == "whisper"


@pytest.mark.parametrize(
    ("text", "voice", "language"),
    [
        ("猫会因为很多原因发出呼噜声。", "cmn", "cmn"),
        ("Katzen schnurren aus 25 Gründen.", "de", "de"),
        ("Hello.", "en-us", "en"),
    ],
)
def test_other_languages_and_short_scenes_are_timed(
    folder: Path, tmp_path: Path, text: str, voice: str, language: str
) -> None:
    scene = spoken_scene(tmp_path, text, voice, language)

    found = aligner_of(folder).align(scene.request())

    assert [word.index for word in found.words] == list(range(len(scene.tokens)))
    assert all(0 <= word.start < word.end <= scene.seconds + 1e-6 for word in found.words)


def test_random_weights_are_below_the_bar(folder: Path, scene: SpokenScene) -> None:
    found = aligner_of(folder).align(scene.request())

    with pytest.raises(Transient) as caught:
        check_alignment(found, scene.request())

    assert caught.value.code == "alignment_quality"


def test_the_model_is_loaded_once(folder: Path, scene: SpokenScene, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = whisper.load_model
    monkeypatch.setattr(whisper, "load_model", lambda name, **options: loaded.append(name) or load(name, **options))
    aligner = aligner_of(folder)

    aligner.align(scene.request())
    aligner.align(scene.request())

    assert loaded == [str(folder / "base.pt")]


def test_an_official_name_means_its_file_in_the_folder(folder: Path, scene: SpokenScene) -> None:
    by_name = aligner_of(folder, "base")

    assert by_name.align(scene.request()).words == aligner_of(folder).align(scene.request()).words
    assert by_name.identity == "whisper base, times 1"


def test_weights_that_are_not_there_are_not_downloaded(folder: Path, scene: SpokenScene) -> None:
    with pytest.raises(PipelineError) as caught:
        aligner_of(folder, "tiny").align(scene.request())

    assert (type(caught.value), caught.value.code) == (PipelineError, "whisper_unusable")
    assert str(caught.value) == f"the weights tiny.pt are not in {folder}"


def test_a_file_that_holds_no_weights_is_named(tmp_path: Path, scene: SpokenScene) -> None:
    (tmp_path / "base.pt").write_bytes(b"nothing of the kind")

    with pytest.raises(PipelineError) as caught:
        aligner_of(tmp_path).align(scene.request())

    assert caught.value.code == "whisper_unusable"


def test_english_weights_time_no_other_language(folder: Path, scene: SpokenScene) -> None:
    with pytest.raises(Rejected) as caught:
        aligner_of(folder, "base.en.pt").align(replace(scene, language="de").request())

    assert caught.value.code == "no_word_times"


@pytest.mark.parametrize("times", [30, 400])
def test_a_scene_beyond_the_models_window_is_left_to_another(
    folder: Path, scene: SpokenScene, tmp_path: Path, times: int
) -> None:
    if times == 30:
        scene = spoken_scene(tmp_path, "These words are said so often that nobody listens to them any more. " * 9)
    else:
        scene = replace(scene, tokens=tokens_of("many words " * times))

    with pytest.raises(Rejected) as caught:
        aligner_of(folder).align(scene.request())

    assert caught.value.code == "scene_too_long"


def _save_model(path: Path, vocabulary: int) -> None:
    import torch
    from whisper.model import ModelDimensions, Whisper

    torch.manual_seed(1)
    sizes = ModelDimensions(
        n_mels=80,
        n_audio_ctx=1_500,
        n_audio_state=16,
        n_audio_head=8,
        n_audio_layer=1,
        n_vocab=vocabulary,
        n_text_ctx=448,
        n_text_state=16,
        n_text_head=8,
        n_text_layer=6,
    )
    model = Whisper(sizes)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.2)
    torch.save({"dims": asdict(sizes), "model_state_dict": model.state_dict()}, path)
