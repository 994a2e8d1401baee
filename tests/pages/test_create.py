"""The create page: everything restored, the price agreed to, one video however often the button is pressed."""

from __future__ import annotations

import re
import uuid
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from apps.drafts.actions import DraftText, save_draft
from apps.drafts.models import DraftPrompt
from apps.drafts.options import DraftOptions
from apps.pipeline.contracts import CAPTION_STYLES
from apps.pipeline.models import Job
from tests.pages.conftest import give

pytestmark = pytest.mark.django_db

IDEA = "Why do cats purr at night?"


def form(**changed: str) -> dict[str, str]:
    return {"way": "describe", "prompt": IDEA, "minutes": "2", "voice": "en-gb", "key": str(uuid.uuid4()), **changed}


def words_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def counted(client, sent: dict[str, str]) -> str:
    """What a page is answered that asks for the price while somebody types."""
    answer = client.post("/app/new", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return words_of(answer)


def draft_of(user, prompt: str = IDEA, **options) -> str:
    order = DraftText(prompt, options.pop("transcript", ""), DraftOptions(**options))
    saved = save_draft(token="", client_address="192.0.2.1", order=order, user=user, at=timezone.now())
    return str(saved.draft_id)


def test_visitor_is_sent_to_log_in_and_back(client):
    answer = client.get("/app/new?draft=1")

    assert answer.url == "/accounts/login/?next=/app/new%3Fdraft%3D1"


def test_empty_page_asks_for_the_text_and_shows_no_price(as_user, owner):
    page = as_user(owner).get("/app/new").content.decode()

    assert "Show the price" in page
    assert "Make this video" not in page


def test_draft_is_restored_with_every_choice_and_its_price(as_user, owner):
    chosen = {
        "title": "Purring",
        "niche_preset": "history",
        "target_minutes": 3,
        "shape": "1:1",
        "voice_id": "en-gb",
        "speed": 1.25,
        "pace": "fast",
        "caption_style": "karaoke",
        "caption_position": "top",
        "music": "ambient",
        "on_screen_titles": True,
        "seed": 7,
    }

    page = as_user(owner).get("/app/new", {"draft": draft_of(owner, **chosen)})

    order = page.context["form"].order()
    assert (order.prompt, order.title, order.niche, order.minutes, order.shape) == (
        IDEA,
        "Purring",
        "history",
        3,
        "1:1",
    )
    assert (order.voice, order.speed, order.pace, order.seed) == ("en-gb", 1.25, "fast", 7)
    assert (order.caption_style, order.caption_position, order.on_screen_titles) == ("karaoke", "top", True)
    assert order.music.kind == "ambient"
    assert "Make this video · 5 credits" in " ".join(page.content.decode().split())


def test_script_is_restored_as_a_script(as_user, owner):
    draft = draft_of(owner, "", transcript="Sailors trust its light.")

    assert as_user(owner).get("/app/new", {"draft": draft}).context["form"].order().transcript == (
        "Sailors trust its light."
    )


def test_language_of_the_draft_chooses_the_voice(as_user, owner):
    page = as_user(owner).get("/app/new", {"draft": draft_of(owner, language="fr")})

    assert page.context["form"].order().voice.startswith("fr")


def test_description_counts_when_the_chosen_script_is_empty(as_user, rich_owner):
    page = as_user(rich_owner).post("/app/new", form(way="script", transcript=""))

    order = page.context["form"].order()
    assert (order.prompt, order.transcript) == (IDEA, None)


@pytest.mark.parametrize("draft", ["x", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_draft_that_is_not_there_is_not_found(as_user, owner, draft):
    assert as_user(owner).get("/app/new", {"draft": draft}).status_code == 404


def test_draft_of_another_user_is_not_found(as_user, owner, stranger):
    assert as_user(stranger).get("/app/new", {"draft": draft_of(owner)}).status_code == 404


def test_price_is_counted_before_anything_is_made(as_user, rich_owner):
    page = as_user(rich_owner).post("/app/new", form(price="1"))

    assert page.context["sheet"].slip.quote.credits == 2
    assert not Job.objects.exists()


def test_button_makes_the_video(as_user, rich_owner):
    answer = as_user(rich_owner).post("/app/new", form(make="1", agreed="2", title="Purring"))

    job = Job.objects.get()
    assert answer.url == f"/app/videos/{job.project_id}"
    assert (job.user, job.price, job.brief["prompt"], job.project.title) == (rich_owner, 2, IDEA, "Purring")


def test_second_press_of_the_button_leads_to_the_same_video(as_user, rich_owner):
    sent = form(make="1", agreed="2")
    client = as_user(rich_owner)

    answers = [client.post("/app/new", sent).url for _ in range(2)]

    assert answers == [f"/app/videos/{Job.objects.get().project_id}"] * 2


def test_changed_text_in_an_old_form_is_another_video(as_user, rich_owner):
    sent = form(make="1", agreed="2")
    client = as_user(rich_owner)

    client.post("/app/new", sent)
    client.post("/app/new", {**sent, "prompt": "Why do dogs bark at night?"})

    assert Job.objects.count() == 2


@pytest.mark.parametrize("agreed", ["", "1", "x", "999999999999"])
def test_price_that_was_not_agreed_to_is_shown_first(as_user, rich_owner, agreed):
    page = as_user(rich_owner).post("/app/new", form(make="1", agreed=agreed))

    assert not Job.objects.exists()
    assert "Make this video · 2 credits" in " ".join(page.content.decode().split())


def test_missing_credits_are_counted_and_everything_is_kept(as_user, owner):
    give(owner, 1)

    page = as_user(owner).post("/app/new", form(make="1", agreed="4", minutes="4"))

    words = " ".join(page.content.decode().split())
    assert page.status_code == 402
    assert "This video costs 4 credits and you have 1: 3 credits are missing." in words
    assert IDEA in words
    assert not Job.objects.exists()


def test_sixth_open_video_is_refused_in_words(as_user, rich_owner):
    client = as_user(rich_owner)
    for _ in range(5):
        client.post("/app/new", form(make="1", agreed="1", minutes="1"))

    page = client.post("/app/new", form(make="1", agreed="1", minutes="1"))

    assert page.status_code == 429
    assert "5 of your videos are being made already" in page.content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "short"}, "prompt"),
        ({"prompt": "👩‍🚀" * 10}, "prompt"),
        ({"prompt": "x" * 5_001}, "prompt"),
        ({"way": "script", "prompt": "", "transcript": "   "}, "transcript"),
        ({"way": "script", "transcript": "word " * 10_001}, "transcript"),
        ({"title": "x" * 201}, "title"),
        ({"niche": "horror"}, "niche"),
        ({"minutes": "0.4"}, "minutes"),
        ({"minutes": "inf"}, "minutes"),
        ({"voice": "nobody"}, "voice"),
        ({"speed": "9"}, "speed"),
        ({"pace": "x"}, "pace"),
        ({"shape": "4:3"}, "shape"),
        ({"captions": "x"}, "captions"),
        ({"position": "x"}, "position"),
        ({"music": "x"}, "music"),
        ({"seed": "-1"}, "seed"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_made(as_user, rich_owner, changed, field):
    page = as_user(rich_owner).post("/app/new", form(make="1", agreed="2", **changed))

    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    assert not Job.objects.exists()


def test_control_characters_do_not_reach_the_video(as_user, rich_owner):
    as_user(rich_owner).post("/app/new", form(make="1", agreed="2", prompt="Why do\x00 cats\x1b purr?", title="a\x00b"))

    job = Job.objects.get()
    assert (job.brief["prompt"], job.project.title) == ("Why do cats purr?", "ab")


def test_text_sent_after_the_session_ended_is_kept_as_a_draft(client):
    sent = client.post("/app/new", {"way": "describe", "prompt": "Why do cats purr?", "niche": "facts"})
    kept = client.post(sent.url, {"way": "describe", "prompt": "Why do cats purr?", "niche": "facts"})

    assert (sent.status_code, sent.url) == (307, "/")
    assert kept.url == "/accounts/signup/"
    assert DraftPrompt.objects.get().prompt == "Why do cats purr?"


def test_price_counted_after_the_session_ended_leaves_the_form_where_it_is(client):
    answer = client.post("/app/new", form(), headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content, "HX-Redirect" in answer) == (204, b"", False)
    assert not DraftPrompt.objects.exists()


def test_price_follows_what_is_typed_into_the_slip_and_the_button(as_user, rich_owner):
    words = counted(as_user(rich_owner), form(minutes="3", agreed="2"))

    assert "About 3 min&nbsp;· 26 scenes&nbsp;· <strong>3 credits</strong>&nbsp;· ready in 2–5 min" in words
    assert "Make this video · 3 credits" in words
    assert '<input type="hidden" name="agreed" value="3">' in words
    assert "You have 10 credits, 7 left after this." in words
    assert "<html" not in words


def test_button_is_left_alone_while_its_price_stands(as_user, rich_owner):
    words = counted(as_user(rich_owner), form(agreed="2"))

    assert "About 2 min" in words
    assert 'id="price-button"' not in words


def test_counting_never_makes_a_video(as_user, rich_owner):
    counted(as_user(rich_owner), form(make="1", agreed="2"))

    assert not Job.objects.exists()


def test_price_that_was_counted_last_is_the_one_that_is_charged(as_user, rich_owner):
    client = as_user(rich_owner)
    sent = form(minutes="3", agreed="2")
    counted(client, sent)

    refused = client.post("/app/new", {**sent, "make": "1"})
    client.post("/app/new", {**sent, "make": "1", "agreed": "3"})

    assert "The price is for what you chose just now." in words_of(refused)
    assert Job.objects.get().price == 3


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"prompt": ""}, "Type your idea, and its length and price stand here before anything is charged."),
        ({"prompt": "cats"}, "From 10 characters on, the length and the price stand here."),
        ({"minutes": "99"}, "Length in minutes: Please give a number from 0.5 to 30."),
        ({"voice": "nobody"}, "Voice: Please choose one of these."),
    ],
)
def test_while_somebody_types_the_slip_says_calmly_what_is_missing(as_user, rich_owner, changed, line):
    words = counted(as_user(rich_owner), form(agreed="2", **changed))

    assert f'<p class="quote-line" id="price-line" hx-swap-oob="true"> {line} </p>' in words
    assert "errorlist" not in words
    assert "Show the price" in words


def test_price_is_itemised_to_the_tenth_of_a_credit(as_user, rich_owner):
    words = words_of(as_user(rich_owner).post("/app/new", form(price="1", minutes="3")))

    rows = re.findall("<dt>(.*?)</dt> <dd> (.*?) </dd>", words)
    assert rows == [
        ("Script", "0.3"),
        ("Voice", "0.6"),
        ("Pictures", "1.5"),
        ("Film", "0.6"),
        ("At most", "3 credits"),
    ]


def test_missing_credits_are_said_before_the_button_is_pressed(as_user, owner):
    give(owner, 1)

    words = words_of(as_user(owner).post("/app/new", form(price="1", minutes="4")))

    assert "You have 1 credit: 3 are missing for this video." in words


def test_captions_are_shown_on_the_first_words_in_every_style(as_user, owner):
    client = as_user(owner)
    page = client.get("/app/new", {"draft": draft_of(owner, shape="9:16")})

    pictures = [client.get(address) for address in re.findall(r"/app/new/captions/[\w.:-]+", page.content.decode())]
    assert [(picture.status_code, picture["Content-Type"]) for picture in pictures] == [(200, "image/webp")] * len(
        CAPTION_STYLES
    )
    assert {Image.open(BytesIO(picture.content)).size for picture in pictures} == {(270, 480)}
    assert len({picture.content for picture in pictures}) == len(pictures) == len(CAPTION_STYLES)


def test_pictures_of_captions_are_sent_again_only_when_they_change(as_user, rich_owner):
    client = as_user(rich_owner)
    shown = re.search(r'name="tiles" value="(\w+)"', counted(client, form())).group(1)

    same = counted(client, form(tiles=shown, minutes="5", captions="karaoke", prompt=f"{IDEA} And by day?"))
    moved = counted(client, form(tiles=shown, position="top"))

    assert 'id="caption-tiles"' not in same
    assert 'id="caption-tiles"' in moved


def test_page_takes_few_queries(as_user, rich_owner, django_assert_max_num_queries):
    client = as_user(rich_owner)
    draft = draft_of(rich_owner)

    with django_assert_max_num_queries(12):
        client.get("/app/new", {"draft": draft})
    with django_assert_max_num_queries(12):
        counted(client, form())


def test_reader_s_own_language_leads_the_voices(as_user, owner):
    page = as_user(owner).get("/app/new", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}).content.decode()

    assert re.findall('<optgroup label="(.*?)">', page)[:3] == ["Deutsch", "Read it myself", "English"]
    assert '<option value="en-us" selected>' in page
