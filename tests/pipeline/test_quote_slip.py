"""The slip that counts while somebody writes, on pages that know nothing of the pipeline."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from apps.drafts.forms import HomeForm
from apps.pipeline.quotes import Quote
from apps.pipeline.slips import NOTHING_PASTED, NOTHING_TYPED, TOO_SHORT

pytestmark = pytest.mark.django_db

IDEA = "Why do cats purr at night?"


def shown(form=None, **typed) -> str:
    tag = "{% load quotes %}{% quote_slip form" + "".join(f" {name}={name}" for name in typed) + " %}"
    page = Template(tag).render(Context({"form": form, **typed}))
    line = page.removeprefix('<p class="slip quote-line" id="quote">').removesuffix("</p>\n")
    return " ".join(line.replace("&nbsp;", " ").split())


@pytest.mark.parametrize(
    ("typed", "slip"),
    [
        ({}, "About 1 min · 9 scenes · <strong>1 credit</strong> · ready in 1–2 min"),
        ({"minutes": "1.5"}, "About 1 min 30 s · 13 scenes · <strong>2 credits</strong> · ready in 1–3 min"),
        (
            {"minutes": "3", "niche": "history"},
            "About 3 min · 26 scenes · <strong>5 credits</strong> · ready in 2–5 min",
        ),
        (
            {"way": "script", "transcript": "Cats purr. " * 100},
            "About 2 min 5 s · 18 scenes · <strong>3 credits</strong> · ready in 1–4 min",
        ),
        ({"way": "script", "transcript": " "}, "About 1 min · 9 scenes · <strong>1 credit</strong> · ready in 1–2 min"),
    ],
)
def test_text_is_counted(typed, slip):
    assert shown(HomeForm({"way": "describe", "prompt": IDEA, **typed})) == slip


def test_form_that_was_not_sent_is_counted_by_its_initial_values():
    form = HomeForm(initial={"prompt": IDEA, "minutes": 2.0})

    assert shown(form) == "About 2 min · 17 scenes · <strong>2 credits</strong> · ready in 1–4 min"


def test_plain_values_win_over_the_form():
    assert (
        shown(HomeForm({"prompt": IDEA}), minutes=2)
        == "About 2 min · 17 scenes · <strong>2 credits</strong> · ready in 1–4 min"
    )


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ({}, NOTHING_TYPED),
        ({"way": "script"}, NOTHING_PASTED),
        ({"prompt": " \x00\n "}, NOTHING_TYPED),
        ({"prompt": "cats"}, TOO_SHORT),
        ({"prompt": "?" * 20}, "The prompt has no words to speak. Please write what the video should say."),
        ({"prompt": "x" * 5_001}, "The prompt has 5,001 characters; 5,000 is the most. Please shorten it."),
        ({"prompt": IDEA, "minutes": "soon"}, "The length must be between 0.5 and 30 minutes."),
        ({"prompt": IDEA, "minutes": "1e999"}, "The length must be between 0.5 and 30 minutes."),
        (
            {"prompt": IDEA, "niche": "<b>"},
            "“&lt;b&gt;” is no niche we know. Choose one of: motivation, explainer, facts, history, finance, science.",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_line(typed, line):
    assert shown(HomeForm(typed)) == line.replace("'", "&#x27;")


def test_no_form_at_all_asks_for_a_text():
    assert shown() == NOTHING_TYPED


@pytest.mark.parametrize(
    ("minutes", "length"),
    [
        (0.01, "5 s"),
        (0.5, "30 s"),
        (0.79, "45 s"),
        (0.99, "1 min"),
        (1.0, "1 min"),
        (1.5, "1 min 30 s"),
        (12.6, "12 min 35 s"),
    ],
)
def test_length_is_said_to_five_seconds(minutes, length):
    assert Quote(credits=1, minutes=minutes, scenes=1).length == length
