"""A shared video in a page of another site."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.pipeline.embedding import embed_code, frame_size
from apps.pipeline.sharing import stop_sharing
from canvascast.env import ROOT
from tests.browser import people
from tests.browser.states_video import shared

pytestmark = pytest.mark.slow  # plays a film


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The page of another site, and its address."""
    (tmp_path / "favicon.ico").touch()
    serve = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path / "index.html", f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_film_plays_with_captions_in_a_page_of_another_site_until_it_is_no_longer_shared(
    visitors, site, elsewhere, settings
):
    settings.SITE_URL = site
    job = shared(people.somebody())
    code = embed_code(job.project.share_links.get().token, "Why cats purr", frame_size((1920, 1080)))
    page_file, address = elsewhere
    page_file.write_text(f"<!doctype html><title>Elsewhere</title>{code}<iframe src='{site}/pricing'></iframe>")
    visit = visitors.open()

    visit.page.goto(address)
    frame = visit.page.frame_locator("iframe >> nth=0")
    film = frame.locator("video")
    expect(frame.get_by_role("heading")).to_have_text("Why cats purr")
    assert film.bounding_box() | {"x": 0, "y": 0} == {"x": 0, "y": 0, "width": 640, "height": 360}
    assert film.evaluate("film => film.paused")

    said = film.evaluate("""async (film) => {
      film.muted = true;
      film.textTracks[0].mode = "showing";
      await film.play();
      await new Promise((resolve) => film.textTracks[0].addEventListener("cuechange", resolve, { once: true }));
      return film.textTracks[0].activeCues[0].text;
    }""")

    assert said in (ROOT / "static" / "samples" / "facts" / "captions.vtt").read_text()
    assert visit.page.context.cookies() == []
    assert [each for each in visit.complaints if "frame-ancestors" in each] != []
    assert visit.page.frames[2].url == "chrome-error://chromewebdata/"
    stop_sharing(project=job.project, by=job.user, at=job.created_at)
    visit.page.reload()
    expect(frame.get_by_role("heading")).to_have_text("Nothing is shared here")
