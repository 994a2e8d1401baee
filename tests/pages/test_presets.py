"""The sample films and the pages about each kind of video."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from django.conf import settings
from PIL import Image

from apps.drafts.presets import PRESETS, Preset

EACH = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)
# The samples are made by `make samples` and lie in the repository.
STATIC = Path(settings.BASE_DIR) / "static"


@EACH
def test_sample_plays_to_its_end(preset: Preset):
    with av.open(str(STATIC / preset.film)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        frames = sum(1 for _ in film.decode(video))

        assert 8 <= frames / video.average_rate <= 13
        assert (video.codec_context.name, video.width, video.height) == ("h264", 480, 270)
        assert audio.codec_context.name == "aac"


@EACH
def test_sample_is_small(preset: Preset):
    assert (STATIC / preset.film).stat().st_size <= 200 * 1024
    assert (STATIC / preset.poster).stat().st_size <= 24 * 1024


@EACH
def test_poster_is_as_large_as_the_film(preset: Preset):
    assert Image.open(STATIC / preset.poster).size == (480, 270)


@EACH
def test_captions_of_the_sample_are_its_script(preset: Preset):
    lines = (STATIC / preset.captions).read_text().splitlines()
    shown = [line for line in lines if line and "-->" not in line and not line.isdigit() and line != "WEBVTT"]

    assert " ".join(shown).split() == preset.sample.script.split()


def test_samples_together_are_small():
    parts = [file for name in ("film.mp4", "poster.webp", "captions.vtt") for file in STATIC.glob(f"samples/*/{name}")]

    assert len(parts) == 18
    assert sum(file.stat().st_size for file in parts) <= 1_300_000


@EACH
@pytest.mark.django_db
def test_home_page_offers_each_sample_without_loading_it(client, preset: Preset):
    page = client.get("/").content.decode()

    assert f'src="/static/{preset.film}"' in page
    assert f'poster="/static/{preset.poster}"' in page
    assert page.count('preload="none"') == page.count("<video") == 6
    assert "autoplay" not in page


@pytest.mark.django_db
def test_examples_show_every_script_and_lead_to_the_box(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/examples").content.decode()

    for preset in PRESETS:
        assert preset.sample.script.split("\n")[0] in page
        assert f'href="/?sample={preset.slug}"' in page


@EACH
@pytest.mark.django_db
def test_page_of_a_kind_says_how_it_is_built_and_starts_one(client, preset: Preset):
    answer = client.get(f"/presets/{preset.slug}")

    assert preset.price_rule in answer.content.decode()
    assert f'<input type="hidden" name="niche" value="{preset.slug}">' in answer.content.decode()
    assert answer.context["form"].initial["prompt"] == preset.example


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["horror", "Science", "0"])
def test_kind_that_is_not_there_is_not_found(client, slug):
    assert client.get(f"/presets/{slug}").status_code == 404
