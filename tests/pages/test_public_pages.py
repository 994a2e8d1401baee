"""What anybody may read."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/help", "Help"),
        ("/terms", "Terms"),
        ("/privacy", "Privacy"),
        ("/status", "Status"),
        ("/offline", "No connection"),
        ("/pricing", "Pricing"),
    ],
)
def test_public_page_has_one_heading_and_its_title_says_it_first(client, path, heading):
    page = client.get(path).content.decode()

    assert re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", page) == [heading]
    assert re.search(r"<title>\s*(.*?)\s*</title>", page, re.DOTALL)[1].split(" – ")[0] == heading
