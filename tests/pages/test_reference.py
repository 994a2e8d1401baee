"""A picture of the main character: sent once on the create page, kept with the order, gone with the video."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from PIL import Image

from apps.pipeline import left_files
from apps.pipeline.actions import cancel_video, delete_project
from apps.pipeline.blobs import storage_name
from apps.pipeline.briefs import Order
from apps.pipeline.codec import from_json
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.contracts import Blob, Brief
from apps.pipeline.models import Job
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.reference import reference_png
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.quotes import brief_of
from apps.pipeline.references import GONE, ticket_of
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.visual_plan import VisualPlanStep
from canvascast import pictures
from tests.pages.test_create import IDEA, form, words_of
from tests.pipeline.spoken import script_of
from tests.pipeline.test_images_step import png_claiming
from tests.wire.paint import picture

pytestmark = pytest.mark.django_db

UNUSABLE = "That picture cannot be used. Choose a PNG, JPEG or WebP file of at most 20 MB and 24 megapixels."
KEPT = "Your picture is kept."
HANGS = "sleep 60"


@pytest.fixture
def gemini(settings) -> Iterator[None]:
    """Gemini draws; nothing here asks it."""
    settings.PROVIDERS = {**settings.PROVIDERS, "painter": "gemini"}
    registry.use_accounts({"gemini": Account("gemini", "key", "http://127.0.0.1:9/", {"picture": "image"})})
    yield
    registry.use_accounts(settings.PROVIDER_ACCOUNTS)


def photo(width: int = 640, height: int = 480, kind: str = "PNG", seed: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"Ada Lovelace.{kind.lower()}", picture(width, height, seed, kind))


def reference_of(job: Job) -> Blob | None:
    return from_json(job.brief, Brief).look.reference


def stored(user, reference: Blob) -> Image.Image:
    with storages["generated-assets"].open(storage_name(user.pk, reference)) as stream:
        image = Image.open(io.BytesIO(stream.read()))
        image.load()
    return image


def test_a_picture_goes_with_the_order(as_user, rich_owner, gemini):
    as_user(rich_owner).post("/app/new", form(make="1", agreed="2", reference=photo()))

    image = stored(rich_owner, reference_of(Job.objects.get()))
    assert (image.format, image.mode, image.size, image.info) == ("PNG", "RGB", (640, 480), {})


@pytest.mark.usefixtures("decoding_here")
def test_a_picture_is_sent_once_and_kept_until_the_order(as_user, rich_owner, gemini):
    client = as_user(rich_owner)

    page = client.post("/app/new", form(prompt="", reference=photo()))
    ticket = page.context["form"]["kept"].value()
    client.post("/app/new", form(make="1", agreed="2", kept=ticket))

    assert KEPT in words_of(page)
    assert stored(rich_owner, reference_of(Job.objects.get())).size == (640, 480)


@pytest.mark.usefixtures("decoding_here")
def test_another_picture_takes_the_kept_ones_place(as_user, rich_owner, gemini):
    client = as_user(rich_owner)
    first = client.post("/app/new", form(reference=photo())).context["form"]["kept"].value()

    second = client.post("/app/new", form(reference=photo(320, 200), kept=first)).context["form"].kept_reference

    assert stored(rich_owner, second).size == (320, 200)


@pytest.mark.usefixtures("decoding_here")
def test_a_picture_that_was_deleted_while_the_form_lay_open_is_asked_for_again(as_user, rich_owner, gemini):
    client = as_user(rich_owner)
    kept = client.post("/app/new", form(reference=photo())).context["form"]
    storages["generated-assets"].delete(storage_name(rich_owner.pk, kept.kept_reference))

    page = client.post("/app/new", form(make="1", agreed="2", kept=kept["kept"].value()))

    assert (page.status_code, page.context["form"].errors) == (400, {"reference": [GONE]})
    assert page.context["form"]["kept"].value() == ""
    assert KEPT not in words_of(page)
    assert not Job.objects.exists()


@pytest.mark.usefixtures("decoding_here")
def test_a_kept_picture_can_be_left_out(as_user, rich_owner, gemini):
    client = as_user(rich_owner)
    ticket = client.post("/app/new", form(reference=photo())).context["form"]["kept"].value()

    page = client.post("/app/new", form(kept=ticket, without="on"))

    assert KEPT not in words_of(page)
    assert page.context["form"].order().reference is None


def test_the_field_says_where_the_picture_goes(as_user, rich_owner, gemini):
    page = words_of(as_user(rich_owner).get("/app/new"))

    assert "It is kept with the video and shown to the service that draws." in page


def test_the_price_is_counted_without_sending_the_picture_again(as_user, rich_owner, gemini):
    page = as_user(rich_owner).get("/app/new").content.decode()

    assert 'hx-params="not reference,recording"' in page
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize("ticket", ["x", "", "WyJhIiwxXQ:1x:y", "\x00"])
def test_a_made_up_ticket_is_no_picture(as_user, rich_owner, gemini, ticket):
    page = as_user(rich_owner).post("/app/new", form(kept=ticket))

    assert page.context["form"].order().reference is None


def test_a_ticket_of_another_user_is_no_picture(as_user, rich_owner, stranger, gemini):
    ticket = ticket_of(stranger.pk, Blob("0" * 64, 1, ".png"))

    page = as_user(rich_owner).post("/app/new", form(kept=ticket))

    assert page.context["form"].order().reference is None


@pytest.mark.parametrize(
    "content",
    [
        b"<html></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"GIF89a" + bytes(400),
        picture(64, 64)[:-100],
        png_claiming(50_000, 50_000),
        png_claiming(6_000, 5_000),
        b"\x89PNG" + bytes(20_000_000),
    ],
    ids=["html", "svg", "gif", "truncated", "bomb", "too-many-pixels", "too-many-bytes"],
)
def test_what_is_no_picture_is_refused_at_its_field(as_user, rich_owner, gemini, content):
    sent = form(make="1", agreed="2", reference=SimpleUploadedFile("me.png", content))

    page = as_user(rich_owner).post("/app/new", sent)

    assert page.status_code == 400
    assert page.context["form"].errors == {"reference": [UNUSABLE]}
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (HANGS, "Reading that picture took too long. Try again, or choose a smaller one."),
        ("kill -SEGV $$", UNUSABLE),
    ],
    ids=["hangs", "crashes"],
)
def test_what_stops_its_decoder_is_refused_in_words(monkeypatch, program, sentence):
    monkeypatch.setattr(pictures, "_PROGRAM", ("/bin/sh", "-c", program))
    if program == HANGS:
        monkeypatch.setattr(pictures, "_DEADLINE_SECONDS", 0.1)

    with pytest.raises(Rejected) as caught:
        reference_png(picture(64, 64))

    assert (caught.value.code, caught.value.sentence) == ("reference_unusable", sentence)


@pytest.mark.usefixtures("decoding_here")
def test_the_same_press_twice_is_one_video(as_user, rich_owner, gemini):
    sent = form(make="1", agreed="2")

    for _ in range(2):
        as_user(rich_owner).post("/app/new", {**sent, "reference": photo()})

    assert Job.objects.count() == 1


@pytest.mark.usefixtures("decoding_here")
def test_another_video_like_it_has_the_same_character(as_user, rich_owner, gemini):
    client = as_user(rich_owner)
    client.post("/app/new", form(make="1", agreed="2", reference=photo()))
    job = Job.objects.get()

    page = client.get("/app/new", {"like": str(job.project_id)})
    ticket = page.context["form"]["kept"].value()
    again = client.post("/app/new", form(kept=ticket))

    assert KEPT in words_of(page)
    assert again.context["form"].order().reference == reference_of(job)


def test_the_illustrator_offers_no_picture_and_takes_none(as_user, rich_owner):
    client = as_user(rich_owner)

    page = words_of(client.get("/app/new"))
    client.post("/app/new", form(make="1", agreed="2", reference=photo()))

    assert "The built-in illustrator draws here." in page
    assert 'name="reference"' not in page
    assert reference_of(Job.objects.get()) is None


def test_a_phones_picture_stands_upright_and_small():
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    Image.open(io.BytesIO(picture(3_000, 2_000))).save(stream, "JPEG", exif=exif)

    image = Image.open(io.BytesIO(reference_png(stream.getvalue())))

    assert (image.size, dict(image.getexif())) == ((1_024, 1_536), {})


def test_a_plain_picture_is_still_a_picture():
    stream = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(stream, "PNG")

    assert Image.open(io.BytesIO(reference_png(stream.getvalue()))).size == (64, 64)


def test_every_shot_names_the_picture():
    reference = Blob("a" * 64, 9, ".png")
    brief = brief_of(Order(prompt="Why do cats purr at night?", reference=reference))
    fields = {name: getattr(brief, name) for name in VisualPlanStep.uses}
    step = VisualPlanStep()

    plan = step.make(step.request(Inputs(fields, {"script": script_of()})), None)

    assert {shot.reference for shot in plan.shots} == {reference}


@pytest.mark.usefixtures("decoding_here")
@pytest.mark.django_db(transaction=True)
def test_a_picture_goes_with_its_last_video(as_user, rich_owner, gemini):
    client = as_user(rich_owner)
    for _ in range(2):
        client.post("/app/new", {**form(make="1", agreed="2"), "key": str(uuid.uuid4()), "reference": photo()})
    first, second = Job.objects.select_related("project").order_by("created_at")
    name = storage_name(rich_owner.pk, reference_of(first))
    there = []

    for job in (first, second):
        cancel_video(job_id=job.pk, by=rich_owner, at=timezone.now())
        delete_project(project=job.project, by=rich_owner, at=timezone.now())
        left_files.delete_left(rich_owner.pk)
        there.append(storages["generated-assets"].exists(name))

    assert there == [True, False]


@pytest.fixture
def portrait(tmp_path: Path) -> str:
    (tmp_path / "me.png").write_bytes(picture(64, 64))
    return str(tmp_path / "me.png")


def test_the_command_refuses_what_nobody_looks_at(portrait: str):
    with pytest.raises(CommandError) as caught:
        call_command("make_video", IDEA, "--reference", portrait, "--quote")

    assert caught.value.returncode == 2
    assert str(caught.value) == "The built-in illustrator takes no --reference; set PAINTER to gemini or openai."


@pytest.mark.usefixtures("decoding_here")
def test_the_command_keeps_the_picture_where_a_painter_looks_at_it(portrait: str, gemini, capsys):
    call_command("make_video", IDEA, "--reference", portrait, "--quote")

    owner = operator_with_credits()
    content = reference_png(Path(portrait).read_bytes())
    blob = Blob(hashlib.sha256(content).hexdigest(), len(content), ".png")
    assert stored(owner, blob).size == (64, 64)
