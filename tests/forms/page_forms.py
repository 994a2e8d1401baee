"""The forms of a page as a browser would send them, read from its HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

_UNSENT = ("submit", "button", "image", "reset")


@dataclass
class Field:
    """One name of a form with what a browser could send under it; none for a file or an empty box."""

    name: str
    values: list[str] = field(default_factory=list)
    is_file: bool = False


@dataclass
class PageForm:
    """Where a form goes, by which method, with which fields."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.action).path

    def add(self, name: str, *values: str, is_file: bool = False) -> None:
        known = self.fields.setdefault(name, Field(name, is_file=is_file))
        known.values += [value for value in values if value not in known.values]


def forms_of(page: str, address: str) -> list[PageForm]:
    """Return the forms of a page, and one for each control that sends its form, or nothing, elsewhere.

    Links with a query are forms too, by which its names are known.
    """
    parser = _Reader(address)
    parser.feed(page)
    return list(parser.found())


class _Reader(HTMLParser):
    """Collects forms, by their ids too, for a control may stand outside of its form."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._forms: list[PageForm] = []
        self._by_id: dict[str, PageForm] = {}
        self._open: PageForm | None = None
        self._select: tuple[PageForm, str] | None = None
        # What goes elsewhere, and the form whose fields it takes along.
        self._elsewhere: list[tuple[str, str, PageForm | None]] = []

    def found(self) -> Iterator[PageForm]:
        yield from self._forms
        for action, method, of in self._elsewhere:
            yield PageForm(action, method, of.fields if of else {})

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._begin(given)
        of = self._by_id.setdefault(given["form"], PageForm("", "get")) if "form" in given else self._open
        self._note_other_ways(tag, given, of)
        if of and "name" in given and "disabled" not in given:
            self._note_control(tag, given, of)
        if tag == "option" and self._select:
            form, name = self._select
            form.add(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = None

    def _begin(self, given: dict[str, str]) -> None:
        form = self._by_id.get(given.get("id", ""), PageForm("", "get"))
        form.action = urljoin(self._address, given.get("action", ""))
        form.method = given.get("method", "get").lower()
        self._forms.append(form)
        self._open = form
        if "id" in given:
            self._by_id[given["id"]] = form

    def _note_other_ways(self, tag: str, given: dict[str, str], of: PageForm | None) -> None:
        for attribute, method in (("hx-post", "post"), ("hx-delete", "delete"), ("formaction", "post")):
            if attribute in given:
                self._elsewhere.append((urljoin(self._address, given[attribute]), method, of))
        for attribute in ("href", "hx-get"):
            if "?" in given.get(attribute, "") and tag != "link":
                self._note_query(urljoin(self._address, given[attribute]))

    def _note_query(self, address: str) -> None:
        form = PageForm(address, "get")
        for name, value in parse_qsl(urlsplit(address).query, keep_blank_values=True):
            form.add(name, value)
        self._forms.append(form)

    def _note_control(self, tag: str, given: dict[str, str], of: PageForm) -> None:
        kind = given.get("type", "text")
        if tag == "select":
            of.add(given["name"])
            self._select = (of, given["name"])
        elif tag in ("input", "textarea") and kind not in _UNSENT:
            of.add(given["name"], *filter(None, [given.get("value", "")]), is_file=kind == "file")
        elif tag in ("input", "button"):
            of.add(given["name"], given.get("value", ""))
