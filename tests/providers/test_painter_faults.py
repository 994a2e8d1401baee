"""The fault matrix of the pictures: every cell ends as a declared error, in bounded time, and nothing is followed."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps.pipeline.providers.errors import PipelineError, RateLimited, Rejected, Transient
from apps.pipeline.steps.images import soften
from tests.pipeline.test_images_step import png_claiming
from tests.providers.painting import QUICK, SHOT, VENDORS, Studio, links, painter_at, refuses, sends, studio
from tests.wire import gemini_pictures
from tests.wire.paint import picture
from tests.wire.server import DRIP, RESET, SILENCE, Reply, WireServer, answer, as_json, status


@pytest.fixture(params=VENDORS)
def atelier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Studio]:
    with studio(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=VENDORS)
def hurried(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Studio]:
    with studio(request.param, tmp_path, timeouts=QUICK) as made:
        yield made


@pytest.mark.goal("R13")
@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (status(429), Transient, "rate_limited"),
        (status(429, "insufficient_quota"), PipelineError, "vendor_purse_empty"),
        (status(401), PipelineError, "vendor_refuses_key"),
        (status(403), PipelineError, "vendor_refuses_key"),
        (status(404), PipelineError, "vendor_refuses_request"),
        (status(500), Transient, "vendor_trouble"),
        (status(503), Transient, "rate_limited"),
        (SILENCE, Transient, "vendor_unreachable"),
        (RESET, Transient, "vendor_unreachable"),
        (DRIP, Transient, "vendor_unreachable"),
        (answer(b'{"error": {"message": "no", "code": 13}}'), Transient, "vendor_bad_answer"),
        (answer(b'{"data": [{"b64_json": '), Transient, "vendor_bad_answer"),
        (answer(b"[]"), Transient, "vendor_bad_answer"),
        (answer(b"null"), Transient, "vendor_bad_answer"),
        (answer(b"<html>busy</html>", "text/html"), Transient, "vendor_bad_answer"),
        (answer(b'{"created": 1, "data": [], "candidates": []}'), Transient, "vendor_bad_answer"),
        (answer(b'{"created": 1, "data": [{}], "candidates": [{}]}'), Transient, "vendor_bad_answer"),
        (answer(b'{"created": 1, "data": [{"b64_json": "%%%"}]}'), Transient, "vendor_bad_answer"),
    ],
    ids=[
        "429",
        "429-purse",
        "401",
        "403",
        "404",
        "500",
        "503",
        "silence",
        "reset",
        "drip",
        "error-with-200",
        "invalid-json",
        "list",
        "null",
        "html",
        "empty",
        "hollow",
        "not-base64",
    ],
)
def test_a_fault_ends_as_declared(hurried: Studio, fault, kind: type[PipelineError], code: str) -> None:
    hurried.server.fail(fault)
    begun = time.monotonic()

    with pytest.raises(PipelineError) as caught:
        hurried.make()

    assert (type(caught.value), caught.value.code) == (kind, code)
    assert time.monotonic() - begun < 3.0
    assert len(hurried.server.calls) == 1


@pytest.mark.goal("R13")
def test_a_named_moment_is_kept(atelier: Studio) -> None:
    atelier.server.fail(status(429, Retry_After="7"))

    with pytest.raises(RateLimited) as caught:
        atelier.make()

    wait = caught.value.after - datetime.now(UTC)
    assert timedelta(seconds=5) < wait <= timedelta(seconds=7)


@pytest.mark.goal("R13", "S4")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body>busy</body></html>", "picture_unreadable"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', "picture_unreadable"),
        (picture(640, 360)[:-200], "picture_unreadable"),
        (picture(64, 64, kind="GIF"), "picture_unreadable"),
        (png_claiming(50_000, 50_000), "picture_too_large"),
        (b"\x89PNG" + bytes(33 * 1024 * 1024), "picture_too_large"),
        (b"\x89PNG" + bytes(40 * 1024 * 1024), "vendor_bad_answer"),
    ],
    ids=["html", "svg", "truncated", "gif", "bomb", "33-mib", "40-mib"],
)
def test_what_is_no_picture_is_asked_for_again(atelier: Studio, content: bytes, code: str) -> None:
    atelier.server.fail(sends(atelier.vendor, content))

    with pytest.raises(Transient) as caught:
        atelier.make()

    assert caught.value.code == code


@pytest.mark.goal("S4")
def test_a_bomb_takes_neither_time_nor_memory(atelier: Studio) -> None:
    atelier.make()
    atelier.server.fail(sends(atelier.vendor, png_claiming(50_000, 50_000)))
    begun = time.monotonic()
    tracemalloc.start()

    with pytest.raises(Transient):
        atelier.make()

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.monotonic() - begun < 2.0
    assert most < 20_000_000


@pytest.mark.goal("R13")
@pytest.mark.usefixtures("decoding_here")
@pytest.mark.parametrize("size", [(64, 64), (300, 1200), (2400, 400)])
def test_a_picture_of_another_size_is_brought_to_shape(atelier: Studio, size: tuple[int, int]) -> None:
    atelier.server.fail(sends(atelier.vendor, picture(*size)))

    made = atelier.make()

    assert (made.width, made.height) == (1920, 1080)


@pytest.mark.usefixtures("decoding_here")
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_the_bytes_say_what_a_picture_is(atelier: Studio, kind: str) -> None:
    atelier.server.fail(sends(atelier.vendor, picture(640, 360, kind=kind)))

    assert atelier.kept(atelier.make()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.goal("S6")
def test_an_address_in_the_answer_is_never_asked(atelier: Studio) -> None:
    inside = WireServer({("GET", ".*"): lambda call, found: Reply(200, picture(64, 64), "image/png")})
    atelier.server.fail(links(atelier.vendor, f"{inside.url}/secret.png"))

    with pytest.raises(Transient) as caught:
        atelier.make()

    inside.close()
    assert (caught.value.code, inside.calls) == ("vendor_bad_answer", [])


@pytest.mark.goal("R13", "S6")
@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(atelier: Studio, code: int) -> None:
    inside = WireServer({("POST", ".*"): lambda call, found: as_json({}), ("GET", ".*"): lambda call, found: Reply()})
    atelier.server.fail(answer(b"", code=code, Location=f"{inside.url}/latest/meta-data"))

    with pytest.raises(PipelineError) as caught:
        atelier.make()

    inside.close()
    assert (type(caught.value), caught.value.code, inside.calls) == (PipelineError, "vendor_redirects", [])


@pytest.mark.usefixtures("decoding_here")
def test_a_refused_description_is_put_in_gentler_words_once(atelier: Studio) -> None:
    atelier.server.fail(refuses(atelier.vendor))

    made = atelier.make()

    assert made.prompt.startswith(soften(SHOT.prompt))
    assert len(atelier.server.calls) == 2


def test_a_description_refused_twice_fails_in_words(atelier: Studio) -> None:
    atelier.server.fail(refuses(atelier.vendor), refuses(atelier.vendor))

    with pytest.raises(Rejected) as caught:
        atelier.make()

    name = {"gemini": "Gemini", "openai": "OpenAI"}[atelier.vendor]
    assert (caught.value.code, len(atelier.server.calls)) == ("picture_refused", 2)
    assert caught.value.sentence == (
        f"The picture service refused the description: {name} will not draw this. "
        "Describe this picture otherwise; what is finished is not made twice."
    )


@pytest.mark.parametrize(
    "body",
    [
        gemini_pictures.parts_answer(finish="IMAGE_SAFETY"),
        gemini_pictures.parts_answer({"text": "I cannot draw that."}),
        gemini_pictures.blocked_answer("SAFETY"),
    ],
    ids=["ended-for-safety", "words-instead", "blocked"],
)
def test_each_way_gemini_declines_counts_as_a_refusal(body: dict, tmp_path: Path) -> None:
    with studio("gemini", tmp_path) as made:
        made.server.fail(answer(as_json(body).body), answer(as_json(body).body))

        with pytest.raises(Rejected) as caught:
            made.make()

    assert caught.value.code == "picture_refused"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_wrong_key_is_the_operators_to_mend(vendor: str, tmp_path: Path) -> None:
    with studio(vendor, tmp_path, key="wrong") as made, pytest.raises(PipelineError) as caught:
        made.make()

    assert (type(caught.value), caught.value.code) == (PipelineError, "vendor_refuses_key")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_service_that_is_not_there_is_tried_again(vendor: str, tmp_path: Path) -> None:
    with studio(vendor, tmp_path) as made:
        closed = made.server.url
    made.context.provider = painter_at(vendor, closed)

    with pytest.raises(Transient) as caught:
        made.make()

    assert caught.value.code == "vendor_unreachable"
