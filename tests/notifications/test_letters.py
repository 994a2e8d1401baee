"""What the mails say, and that no title gets more than its own words into them."""

from __future__ import annotations

import email
import email.policy
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from PIL import Image

from apps.notifications.letters import LETTERS, compose
from apps.notifications.models import Event
from apps.notifications.unsubscribing import switch_token
from apps.notifications.wording import date_in_words
from tests.notifications.conftest import FACTS, PROJECT, note

URL = f"http://127.0.0.1:8000/app/videos/{PROJECT}"
HOSTILE = '</title><script>alert(1)</script> "quoted" & {{ url }}'


@pytest.fixture
def storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "generated-assets": {"BACKEND": "canvascast.storages.DurableStorage", "OPTIONS": {"location": tmp_path}},
    }
    return storages["generated-assets"]


def letter(user, event=Event.VIDEO_READY, *, is_repeat=False, **facts):
    return compose(note(user, event, **facts), "ada@example.com", is_repeat=is_repeat)


def html_of(mail) -> str:
    return " ".join(mail.alternatives[0][0].split())


def picture(width: int, height: int) -> ContentFile:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(drawn, "JPEG")
    return ContentFile(drawn.getvalue())


def test_ready_video_tells_its_length_its_cost_and_where_it_is(user):
    mail = letter(user)

    assert mail.subject == "Why cats purr: your video is ready"
    assert mail.body == (
        "Why cats purr\n\nYour video is ready.\n\nLength  1 min 30 s\nCost    11 credits\nBack    1 credit\n\n"
        f"Watch and download it:\n{URL}\n\n"
        "--\nCanvasCast\nYou are told this because “A video is ready” is on. Turn it off:\n"
        f"http://127.0.0.1:8000/mail/off/{switch_token(user.pk, 'video_ready')}\n"
        "Choose what we mail you:\nhttp://127.0.0.1:8000/app/settings/notifications\n"
    )


def test_failed_video_tells_what_happened_what_was_kept_what_it_cost_and_what_to_do(user):
    mail = letter(user, Event.VIDEO_FAILED)

    assert mail.subject == "Why cats purr: your video could not be made"
    assert [line for line in mail.body.splitlines() if line.startswith("What ") and not line.endswith(".")] == [
        "What happened",
        "What was kept",
        "What it cost",
        "What to do",
    ]
    assert "We couldn’t draw scene 6. The picture service refused the description." in mail.body
    assert "Nothing. All 12 credits are back in your balance." in mail.body
    assert URL in mail.body


@pytest.mark.parametrize(
    ("back", "sentence"), [(0, "Nothing.\n"), (1, "Nothing. Its 1 credit is back in your balance.\n")]
)
def test_failed_video_counts_the_credits_that_came_back(user, back, sentence):
    assert sentence in letter(user, Event.VIDEO_FAILED, creditsBack=back).body


@pytest.mark.parametrize(
    ("facts", "sentences"),
    [
        ({"creditsBack": 2, "paidBefore": 8}, ("Nothing more. All 2 credits are back in your balance.", "8 credits")),
        ({"creditsBack": 0, "paidBefore": 1}, ("Nothing more.", "1 credit")),
    ],
)
def test_failed_video_that_was_stopped_before_tells_what_was_paid_then(user, facts, sentences):
    cost, paid = sentences
    mail = letter(user, Event.VIDEO_FAILED, **facts)

    told = f"{cost} What you paid when you stopped it before, {paid}, still counts when you go on."
    assert told in " ".join(mail.body.split())
    assert told in html_of(mail)


@pytest.mark.parametrize("event", LETTERS)
def test_html_twin_says_what_the_text_says(user, event):
    mail = letter(user, event)

    html = html_of(mail)
    missing = [line.strip() for line in mail.body.splitlines() if line.strip() and not _is_in(line, html)]

    assert missing == []


def _is_in(line: str, html: str) -> bool:
    return line.startswith(("--", "You are told", "Choose what")) or all(
        part.strip().removesuffix(":") in html for part in line.split("  ") if part
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "Open the video. From there it goes on from what is finished."),
        ({"mayPass": 1}, "Open the video. From there it goes on from what is finished."),
        ({"mayPass": 0}, "Open the video. From there a new one starts with what you wrote."),
        ({"mayPass": 0, "scene": 6}, "Open the video. From there you can change scene 6 and go on."),
    ],
)
def test_failed_video_is_not_to_be_tried_again_where_that_cannot_help(user, facts, sentence):
    mail = letter(user, Event.VIDEO_FAILED, **facts)

    assert sentence in mail.body
    assert sentence in str(mail.alternatives[0][0])


@pytest.mark.parametrize("event", [Event.VIDEO_READY, Event.VIDEO_FAILED])
def test_title_with_markup_is_only_words_in_the_html(user, event):
    html = html_of(letter(user, event, title=HOSTILE, sentence=HOSTILE))

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; {{ url }}" in html


def test_title_with_markup_is_not_escaped_in_text_and_subject(user):
    mail = letter(user, title=HOSTILE)

    assert mail.subject == f"{HOSTILE}: your video is ready"
    assert mail.body.startswith(HOSTILE)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_title_with_line_ends_adds_no_header(user, end):
    mail = letter(user, title=f"Cats{end}Bcc: everyone@example.com{end}{end}Body")

    sent = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)

    assert sent["Bcc"] is None
    assert mail.recipients() == ["ada@example.com"]
    assert len(mail.subject.splitlines()) == 1
    assert str(sent["Subject"]).startswith("Cats")


def test_title_that_turns_the_direction_of_writing_turns_only_itself(user):
    assert letter(user, title="cats\u202e purr").subject == "cats purr: your video is ready"


def test_still_comes_along_small_and_within_the_mail(user, storage):
    name = storage.save("still.jpg", picture(960, 540))

    mail = letter(user, still=name)

    sent = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    assert sent.get_content_type() == "multipart/related"
    (still,) = sent.iter_attachments()
    assert (still["Content-ID"], still.get_content_disposition()) == ("<still>", "inline")
    assert Image.open(io.BytesIO(still.get_content())).size == (960, 540)
    assert '<img class="still" src="cid:still" width="494" height="278" alt="A still from the video">' in html_of(mail)
    assert sent.get_body(("plain",)).get_content().startswith("Why cats purr")


def test_tall_still_leaves_room_for_the_button(user, storage):
    name = storage.save("still.jpg", picture(1080, 1920))

    assert 'width="236" height="420"' in html_of(letter(user, still=name))


@pytest.mark.parametrize("content", [None, b"", b"not a picture"])
def test_still_that_cannot_be_had_is_left_out(user, storage, content):
    name = "still.jpg" if content is None else storage.save("still.jpg", ContentFile(content))

    mail = letter(user, still=name)

    assert mail.attachments == []
    assert "<img" not in html_of(mail)


def test_answers_go_where_the_settings_say(user, settings):
    settings.DEFAULT_FROM_EMAIL, settings.MAIL_REPLY_TO = "CanvasCast <a@example.com>", "help@example.com"

    mail = letter(user)

    assert (mail.from_email, mail.reply_to) == ("CanvasCast <a@example.com>", ["help@example.com"])


def test_answers_go_to_the_sender_unless_told_otherwise(user, settings):
    settings.MAIL_REPLY_TO = ""

    assert letter(user).reply_to == []


def test_mail_about_one_fact_has_the_same_id_at_every_try_and_a_repeat_says_so(user):
    fact = note(user)

    first, again = (compose(fact, "ada@example.com", is_repeat=is_repeat) for is_repeat in (False, True))

    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"] == f"<{fact.pk}@127.0.0.1>"
    assert "X-CanvasCast-Repeat" not in first.extra_headers
    assert again.extra_headers["X-CanvasCast-Repeat"] == "maybe"


@pytest.mark.parametrize(("iso", "words"), [("2027-01-03", "3 January 2027"), ("", "")])
def test_date_is_said_in_words(iso, words):
    assert date_in_words(iso) == words


def test_every_event_has_a_letter():
    assert set(LETTERS) == set(Event) == set(FACTS)


@pytest.mark.parametrize(
    ("event", "facts", "subject"),
    [
        (Event.WELCOME, {}, "10 credits to start with: welcome to CanvasCast"),
        (Event.WELCOME, {"credits": 0}, "Your account is ready"),
        (Event.LOW_CREDITS, {}, "4 credits left"),
        (Event.LOW_CREDITS, {"available": 1}, "1 credit left"),
        (Event.CREDITS_DEPLETED, {}, "No credits left: nothing new can start"),
        (Event.PURCHASE_RECEIPT, {}, "$39 for 50 credits: your receipt"),
        (Event.SUBSCRIPTION_RENEWED, {"cents": 4900}, "$49 for a month of Creator: your receipt"),
        (Event.SUBSCRIPTION_RENEWED, {"cents": 3000, "changed": 1}, "$30 for the change to Creator: your receipt"),
        (Event.SUBSCRIPTION_EXPIRING, {}, "Creator ends on 3 January 2027"),
        (Event.PAYMENT_FAILED, {}, "$49 for Creator could not be charged"),
        (Event.ASSETS_EXPIRING, {}, "Why cats purr: files will be deleted on 3 January 2027"),
        (Event.WEBHOOK_PAUSED, {}, "example.com does not answer: its webhook was paused"),
    ],
)
def test_subject_leads_with_what_it_is_about(user, event, facts, subject):
    assert letter(user, event, **facts).subject == subject


@pytest.mark.parametrize("event", LETTERS)
def test_no_letter_shouts_or_has_more_than_one_button(user, event):
    mail = letter(user, event)

    assert "!" not in mail.subject + mail.body
    assert html_of(mail).count('class="act"') == 1


def test_receipt_tells_what_was_bought_and_paid_and_what_is_there_now(user):
    mail = letter(user, Event.PURCHASE_RECEIPT, receipt="https://pay.example.com/r/1")

    assert mail.body == (
        "$39 for 50 credits\n\nThank you. Your payment has arrived.\n\n"
        "Bought   50 credits\nPaid     $39\nBalance  61 credits\n\n"
        "The credits are in your balance and can be used now.\n\nSee the receipt:\nhttps://pay.example.com/r/1\n\n"
        "--\nCanvasCast\nThis is about money that you paid, so it is always mailed.\n"
    )


def test_receipt_without_a_page_of_its_own_leads_to_the_credits(user):
    assert "See your credits:\nhttp://127.0.0.1:8000/app/credits\n" in letter(user, Event.PURCHASE_RECEIPT).body


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"first": 1}, "Your plan has begun."),
        ({"first": 0}, "Your plan was renewed."),
        ({"changed": 1}, "Your plan was changed."),
    ],
)
def test_first_month_is_told_from_the_next_and_from_a_change(user, facts, sentence):
    assert sentence in letter(user, Event.SUBSCRIPTION_RENEWED, **facts).body


def test_renewal_names_what_was_kept_from_before_only_when_something_was(user):
    assert "20 kept from before" in letter(user, Event.SUBSCRIPTION_RENEWED).body
    assert "kept" not in letter(user, Event.SUBSCRIPTION_RENEWED, rolled=0).body


@pytest.mark.parametrize(
    ("day", "sentence"), [("2027-01-06", "We try again on 6 January 2027."), ("", "We do not try again by ourselves.")]
)
def test_failed_payment_says_what_happens_next(user, day, sentence):
    assert sentence in letter(user, Event.PAYMENT_FAILED, next=day).body


def test_failed_payment_says_until_when_the_plan_s_credits_last(user):
    told = letter(user, Event.PAYMENT_FAILED, until="2027-01-06")

    said = "Credits of your plan last until 6 January 2027; new ones come once the month is paid."
    assert f"Nothing was charged.\n{said}\n\nWhat happens next" in told.body
    assert said in html_of(told)
    assert "Credits of your plan" not in letter(user, Event.PAYMENT_FAILED).body


def test_several_expiring_videos_are_counted_and_not_named(user):
    facts = {"count": 3, "until": "2027-01-03"}
    fact = note(user, Event.ASSETS_EXPIRING)
    fact.facts = facts

    mail = compose(fact, "ada@example.com", is_repeat=False)

    assert mail.subject == "3 videos: files will be deleted on 3 January 2027"
    assert "See your videos:\nhttp://127.0.0.1:8000/app\n" in mail.body
