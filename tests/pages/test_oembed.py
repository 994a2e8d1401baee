"""How other programs embed a shared video, as oembed.com describes it."""

from __future__ import annotations

import html
import re

import pytest
from django.utils import timezone

from apps.pipeline.embedding import BAR_PIXELS, frame_size
from apps.pipeline.sharing import page_address, stop_sharing
from canvascast.api.throttles import forget_reads
from tests.pages.conftest import video
from tests.pages.shares import shared

pytestmark = pytest.mark.django_db
NOT_OURS = (
    "http://127.0.0.1:8000/v/{}x",
    "http://127.0.0.1:8000/v/{}\x00",
    "http://127.0.0.1:8000/v/" + "\x00" * 32,
    "http://127.0.0.1:8000",
    "http://127.0.0.1:8000/v/none",
    "http://127.0.0.1:8000/v/{}/film.mp4",
    "http://127.0.0.1:8000/pricing",
    "http://example.com/v/{}",
    "http://127.0.0.1:8000@example.com/v/{}",
    "http://user@127.0.0.1:8000/v/{}",
    "ftp://127.0.0.1:8000/v/{}",
    "//127.0.0.1:8000/v/{}",
    "/v/{}",
    "{}",
    "http://[::1",
    "javascript:alert(1)",
    "\x00",
)
WIDE, TALL, SQUARE = (1920, 1080), (1080, 1920), (1080, 1080)


@pytest.fixture(autouse=True)
def _reads_start_anew():
    forget_reads()


@pytest.fixture
def link(owner):
    return shared(video(owner, title="Why cats purr"))


@pytest.fixture
def ask(client, link):
    return lambda **asked: client.get("/oembed", {"url": page_address(link.token), **asked})


def test_answer_is_a_video_with_its_frame(ask, link):
    answer = ask(format="json")

    site = "http://127.0.0.1:8000"
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "application/json",
        "no-store",
    )
    assert answer.json() == {
        "version": "1.0",
        "type": "video",
        "title": "Why cats purr",
        "provider_name": "CanvasCast",
        "provider_url": f"{site}/",
        "width": 640,
        "height": 360 + BAR_PIXELS,
        "html": (
            f'<iframe src="{site}/embed/{link.token}" width="640" height="{360 + BAR_PIXELS}" title="Why cats purr" '
            'allowfullscreen loading="lazy" style="border: 0; max-width: 100%"></iframe>'
        ),
        "thumbnail_url": f"{site}/v/{link.token}/poster.jpg",
        "thumbnail_width": 960,
        "thumbnail_height": 540,
    }


@pytest.mark.parametrize(
    ("film", "most", "size"),
    [
        (WIDE, {}, (640, 360 + BAR_PIXELS)),
        (TALL, {}, (360, 640 + BAR_PIXELS)),
        (SQUARE, {}, (640, 640 + BAR_PIXELS)),
        (WIDE, {"most_wide": 320}, (320, 180 + BAR_PIXELS)),
        (TALL, {"most_wide": 320}, (320, 569 + BAR_PIXELS)),
        (WIDE, {"most_high": 400}, (640, 400)),
        (WIDE, {"most_wide": 320, "most_high": 400}, (320, 180 + BAR_PIXELS)),
        (WIDE, {"most_wide": 99_999}, (1920, 1080 + BAR_PIXELS)),
        (WIDE, {"most_wide": 1}, (1, 1 + BAR_PIXELS)),
        (WIDE, {"most_high": 1}, (1, 1)),
    ],
)
def test_frame_is_as_large_as_may_be_in_the_shape_of_the_film(film, most, size):
    assert frame_size(film, **most) == size


@pytest.mark.parametrize("asked", [{"maxwidth": "300"}, {"maxheight": "400"}, {"maxwidth": "300", "maxheight": "90"}])
def test_answer_fits_and_leaves_out_a_thumbnail_that_does_not(ask, asked):
    answer = ask(**asked).json()

    assert answer["width"] <= int(asked.get("maxwidth", 10_000))
    assert answer["height"] <= int(asked.get("maxheight", 10_000))
    assert f'width="{answer["width"]}" height="{answer["height"]}"' in answer["html"]
    assert "thumbnail_url" not in answer


@pytest.mark.parametrize(
    ("format", "status", "sentence"),
    [("xml", 501, "Only JSON is answered."), ("yaml", 400, "`format` is json."), ("", 400, "`format` is json.")],
)
def test_other_formats_are_not_offered(ask, format, status, sentence):
    answer = ask(format=format)

    assert (answer.status_code, answer.json()) == (status, {"error": sentence})


@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
def test_size_that_is_none_is_refused(client, name):
    for given in ("0", "-1", "1.5", "x", "1e3", "٣", "100000", " 7"):
        assert client.get("/oembed", {"url": "http://127.0.0.1:8000/v/x", name: given}).status_code == 400


def test_question_about_no_video_is_refused(client):
    assert client.get("/oembed").status_code == 400


def test_frame_s_own_address_is_answered_too(ask, link):
    assert ask(url=f"https://127.0.0.1:8000/embed/{link.token}?t=3").json()["title"] == "Why cats purr"


def test_any_other_address_is_not_found(ask, link):
    for address in NOT_OURS:
        assert ask(url=address.format(link.token)).status_code == 404, address


def test_ended_link_is_not_found_and_its_title_not_told(ask, link, owner):
    stop_sharing(project=link.project, by=owner, at=timezone.now())

    answer = ask()

    assert answer.status_code == 404
    assert "cats" not in answer.content.decode()


def test_hostile_title_stays_a_title(client, owner):
    title = "\"><script>alert(1)</script>' onload=x"
    token = shared(video(owner, title=title)).token

    answer = client.get("/oembed", {"url": page_address(token)}).json()

    assert answer["title"] == title
    assert html.unescape(re.search(r'title="([^"]*)"', answer["html"])[1]) == title
    assert answer["html"].count("<") == 2


def test_upright_film_has_an_upright_frame(client, owner):
    link = shared(video(owner, title="Tall"), shape="9:16")

    answer = client.get("/oembed", {"url": page_address(link.token)}).json()

    assert (answer["width"], answer["height"]) == (360, 640 + BAR_PIXELS)
    assert (answer["thumbnail_width"], answer["thumbnail_height"]) == (304, 540)
