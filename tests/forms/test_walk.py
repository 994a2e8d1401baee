"""The walk finds what a browser would send, and knows a bad answer."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from tests.forms.page_forms import forms_of
from tests.forms.walk import fault_of
from tests.promptness import Taken

PAGE = """
<a href="?page=2&amp;by=day">More</a>
<form method="post" action="/save" id="main">
  <input type="hidden" name="token" value="t1"><input name="title"><textarea name="text">x</textarea>
  <select name="voice"><option value="a">A<option value="b">B</select>
  <input type="radio" name="shape" value="16:9"><input type="radio" name="shape" value="1:1">
  <input type="file" name="photo"><input type="submit" value="Go"><button name="make" value="1">Make</button>
  <button formaction="/hear">Hear</button>
</form>
<input form="main" name="outside"><button hx-post="/ping">Ping</button>
"""


def test_forms_of_a_page_are_found_with_all_that_they_send():
    found = {form.action: form for form in forms_of(PAGE, "/at")}

    fields = {"token": ["t1"], "title": [], "text": [], "voice": ["a", "b"], "shape": ["16:9", "1:1"], "photo": []}
    form = found["/save"]
    assert (form.method, form.path) == ("post", "/save")
    assert {name: field.values for name, field in form.fields.items()} == {**fields, "make": ["1"], "outside": []}
    assert [name for name, field in form.fields.items() if field.is_file] == ["photo"]
    assert [(found[at].method, found[at].fields) for at in ("/hear", "/ping")] == [("post", form.fields), ("post", {})]
    query = found["/at?page=2&by=day"]
    assert (query.method, query.path, list(query.fields)) == ("get", "/at", ["page", "by"])


@pytest.mark.parametrize(
    ("status", "words", "time", "fault"),
    [
        (200, "Saved.", Taken(1.9, 29.0), ""),
        (400, "An error: please check your name.", Taken(), ""),
        (500, "", Taken(), "500 (str: )"),
        (503, "", Taken(), "503 (str: )"),
        (200, "", Taken(2.1, 2.2), "200 after 2.10 s of a processor in 2.20 s"),
        (200, "", Taken(0.1, 31.0), "200 after 0.10 s of a processor in 31.00 s"),
        (400, "invalid: ValueError('x')", Taken(), "400 with the words 'ValueError'"),
    ],
)
def test_answer_is_judged_by_status_time_and_words(status, words, time, fault):
    assert fault_of(HttpResponse(words, status=status), words.encode(), time) == fault
