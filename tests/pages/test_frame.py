"""What every page has around its content."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from canvascast.site.fonts import make_page_font
from canvascast.site.rail import places
from tests.pages.conftest import give

pytestmark = pytest.mark.django_db


def test_chosen_theme_is_in_the_first_answer(client):
    answer = client.post("/theme", {"theme": "dark"}, headers={"Referer": "http://testserver/accounts/login/"})

    assert answer.url == "http://testserver/accounts/login/"
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()


@pytest.mark.parametrize("theme", ["", "purple", '"><script>'])
def test_any_other_theme_is_the_systems(client, theme):
    client.cookies["theme"] = "dark"

    client.post("/theme", {"theme": theme})

    assert '<html lang="en">' in client.get("/").content.decode()


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_choosing_a_theme_leads_to_no_other_site(client, page):
    assert client.post("/theme", {"theme": "dark"}, headers={"Referer": page}).url == "/"


def test_balance_is_on_every_page_of_a_member(as_user, owner):
    give(owner, 34)

    page = as_user(owner).get("/app").content.decode()

    assert "<strong>34 credits</strong>" in page


def test_visitor_costs_no_query_for_a_balance(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/")


def test_session_that_ended_under_a_piece_leads_the_whole_page_to_the_login_and_back(client, owner):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/app/credits?before=3"}

    answer = client.get("/app", headers=headers)

    assert (answer.status_code, answer["HX-Redirect"]) == (
        200,
        "/accounts/login/?next=/app/credits%3Fbefore%3D3",
    )


@pytest.mark.parametrize("page", ["http://[::1/app", "http://testserver.example.com/app", "\x80", "//"])
def test_piece_of_a_page_that_is_none_of_ours_leads_to_the_login_alone(client, page):
    answer = client.get("/app", headers={"HX-Request": "true", "HX-Current-URL": page})

    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/accounts/login/?next=/app")


def test_service_worker_keeps_the_offline_page_alone(client):
    answer = client.get("/sw.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert 'const OFFLINE = "/offline";' in answer.content.decode()


def test_page_font_is_small_and_has_the_letters_and_signs_of_our_words(tmp_path):
    font = TTFont(make_page_font(tmp_path / "fonts" / "page.woff2"))

    assert (tmp_path / "fonts" / "page.woff2").stat().st_size < 60_000
    assert {ord(sign) for sign in "Aäłőжω€–“”·−½"} <= font.getBestCmap().keys()
    assert (font["fvar"].axes[0].axisTag, font["fvar"].axes[0].maxValue) == ("wght", 800)
    assert (tmp_path / "fonts" / "OFL.txt").exists()


@pytest.mark.parametrize(
    ("path", "name", "current"),
    [
        ("/app", "Videos", "page"),
        ("/app/videos/6f1c", "Videos", "true"),
        ("/app/new", "New video", "page"),
        ("/app/credits", "Credits", "page"),
        ("/app/settings/", "Settings", "page"),
        ("/app/settings/keys/new", "Settings", "true"),
        ("/app/settings/notifications", "Settings", "true"),
        ("/app/developers", "Settings", "true"),
        ("/accounts/2fa/", "Settings", "true"),
    ],
)
def test_rail_marks_the_page_or_the_place_it_belongs_to(path, name, current):
    assert [(place.name, place.current) for place in places(path) if place.current] == [(name, current)]


@pytest.mark.parametrize("path", ["/", "/pricing", "/app/welcome", "/app/newspaper"])
def test_page_beside_the_four_places_marks_none(path):
    assert not [place for place in places(path) if place.current]


def test_page_within_settings_says_so_on_its_rail(as_user, owner):
    page = " ".join(as_user(owner).get("/app/settings/keys").content.decode().split())

    assert '<a href="/app/settings/" aria-current="true">' in page
    assert page.count("aria-current") == 1
