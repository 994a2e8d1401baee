"""`manage.py quote`: the price by its parts and the time, in words and as JSON; nothing is stored for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.models import User
from apps.billing.models import LedgerEntry
from apps.pipeline.models import Job

pytestmark = pytest.mark.django_db

IDEA = "Why do cats purr when they are happy?"


@pytest.fixture(autouse=True)
def _nothing_stored(db):
    yield
    assert (User.objects.count(), LedgerEntry.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_quote_names_price_parts_and_time(capsys):
    call_command("quote", IDEA, "--minutes", "2.5", "--niche", "history")

    assert capsys.readouterr().out.splitlines() == [
        "At most 4 credits: about 2.5 minutes in about 21 scenes.",
        "  Script       0.4",
        "  Voice        0.8",
        "  Pictures     2.0",
        "  Film         0.8",
        "Ready in 1–4 min, were it ordered now.",
    ]


def test_quote_as_json_has_the_same(capsys):
    call_command("quote", IDEA, "--minutes", "2.5", "--niche", "history", "--json")

    quote = json.loads(capsys.readouterr().out)
    assert (quote["credits"], quote["minutes"], quote["scenes"]) == (4, 2.5, 21)
    assert {item["name"]: item["credits"] for item in quote["items"]} == {
        "Script": 0.4,
        "Voice": 0.8,
        "Pictures": 2.0,
        "Film": 0.8,
    }
    assert 0 < quote["ready_low_seconds"] < quote["ready_high_seconds"]


def test_quote_of_a_script_goes_by_the_time_it_takes_its_voice_to_say(tmp_path: Path, capsys):
    script = tmp_path / "script.txt"
    script.write_text("This sentence has quite a number of words in it. " * 60)

    call_command("quote", "--script", script, "--voice", "en-gb-rp", "--shape", "9:16", "--speed", "2", "--json")

    assert json.loads(capsys.readouterr().out)["credits"] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Please say what the video should be about, or give --script FILE."),
        ([IDEA, "--script", "x.txt"], "Give either a prompt or --script FILE, not both."),
        (["--script", "missing.txt"], "The script missing.txt cannot be read: No such file or directory."),
        ([IDEA, "--minutes", "99"], "The length must be between 0.5 and 30 minutes."),
        ([IDEA, "--voice", "nobody"], "There is no voice “nobody”."),
        ([IDEA, "--niche", "gossip"], "“gossip” is no niche we know."),
        ([IDEA, "--shape", "4:3"], "“4:3” is no shape we know."),
    ],
)
def test_what_cannot_be_quoted_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(CommandError) as error:
        call_command("quote", *arguments)

    assert error.value.returncode == 2
    assert str(error.value).startswith(sentence)
