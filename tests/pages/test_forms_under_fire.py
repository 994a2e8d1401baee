"""Whatever is typed or sent, the forms answer in words."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.drafts.models import DraftPrompt
from apps.pipeline.forms import CreateForm
from apps.pipeline.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.goal("S2")]

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NUMBERS = st.one_of(ANYTHING, st.floats().map(str), st.integers().map(str))
CHOICES = {
    "way": ["describe", "script"],
    "niche": ["explainer", "history"],
    "shape": ["16:9", "1:1"],
    "voice": ["en-us", "fr"],
    "captions": ["boxed"],
    "music": ["ambient"],
    "pace": ["fast"],
    "position": ["top"],
}
FUZZ = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def forms(fields: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    values = {
        name: st.one_of(st.sampled_from(CHOICES[name]), ANYTHING) if name in CHOICES else st.one_of(ANYTHING, NUMBERS)
        for name in fields
    }
    return st.fixed_dictionaries({}, optional={**values, "prompt": st.one_of(ANYTHING, st.just("Why do cats purr?"))})


@FUZZ
@given(forms(("way", "prompt", "transcript", "niche", "minutes", "shape", "surplus")))
def test_home_form_never_breaks(form):
    DraftPrompt.objects.all().delete()

    answer = Client().post("/", form)

    assert answer.status_code in (302, 400)
    assert DraftPrompt.objects.count() == (answer.status_code == 302)


@FUZZ
@given(forms((*CreateForm.base_fields, "make", "price", "surplus")))
def test_create_form_never_breaks_and_spends_nothing(form):
    client = Client()
    client.force_login(User.objects.get_or_create(email="owner@example.com")[0])

    answer = client.post("/app/new", form)

    assert answer.status_code in (200, 400, 402)
    assert not Job.objects.exists()


@FUZZ
@given(st.sampled_from(["draft", "example", "page", "before"]), ANYTHING)
def test_addresses_never_break_a_page(name, value):
    client = Client()
    client.force_login(User.objects.get_or_create(email="owner@example.com")[0])

    path = {"draft": "/app/new", "example": "/", "page": "/app", "before": "/app/credits"}[name]

    assert client.get(path, {name: value}).status_code in (200, 404)
