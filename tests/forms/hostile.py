"""What is sent where a form asks for something else, and requests that carry it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from tests.forms.page_forms import Field, PageForm

# One field may have what the site's limit on a whole body leaves.
_BIG_BYTES = 990_000


@dataclass(frozen=True)
class Upload:
    """A file in a form."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"

    def __repr__(self) -> str:
        return f"Upload({self.name[:40]!r}, {self.content[:20]!r}…)"


Value = str | bytes | Upload
Sent = tuple[str, Value]

TEXTS: tuple[Value, ...] = (
    "\ud800 lone \udfff",
    "a\x00b",
    "\x00",
    "\u202egnp.exe\u2066\u200f",
    "9" * 400,
    "9" * 5_000,
    "-1",
    "1e999",
    "NaN",
    "-inf",
    "0x10",
    "٣",
    "1_000",
    "2147483648",
    str(uuid.UUID(int=7)),
    "00000000-0000-0000-0000-00000000000g",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00%ff%0d%0a",
    "a@example.com\nBcc: b@example.com",
    "\r\n\r\n<b>",
    "<script>alert(1)</script>{{ 7|add:7 }}{% now %}",
    "http://[::1",
    "//example.org/\\@example.com",
    "javascript:alert(1)",
    "[1, 2]",
    "null",
    '{"id": {}, "rawId": [], "response": null, "clientExtensionResults": 7}',
    '{"a": ' * 2_000,
    "🏴‍☠️" * 40,
    "e" + "\u0301" * 500,
    "\ufdfa" * 300,
    " " * 3_000,
    "\n" * 3_000,
    "a" * 300 + "@" + "b" * 300 + ".com",
    b"\xff\xfe\xc0\x80",
    b"\xed\xa0\x80",
)
BIG: tuple[Value, ...] = (
    "x" * _BIG_BYTES,
    "a b " * (_BIG_BYTES // 4),
    "\n" * (_BIG_BYTES // 3),
    "<" * (_BIG_BYTES // 3),
    "\u0315\u0300" * (_BIG_BYTES // 12),
    "\ufdfa" * (_BIG_BYTES // 9),
    "1" * _BIG_BYTES,
    "." * _BIG_BYTES,
    "@" * (_BIG_BYTES // 3),
)
FILES: tuple[Upload, ...] = (
    Upload("empty.png", b""),
    Upload("no-picture.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "image/png"),
    Upload("\u202e\x00/../../x" * 20, b"RIFF\xff\xff\xff\xffWAVEfmt ", "audio/wav"),
    Upload("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    Upload("list.mp3", b"ffconcat version 1.0\nfile '/etc/passwd'\n", "audio/mpeg"),
    Upload("big.wav", b"\x00" * _BIG_BYTES, "nonsense; boundary=\x0b"),
)
BAD_IDS = (
    "nothing",
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF",
    "0",
    "-1",
    "9" * 400,
    "9" * 5_000,
    "1e9",
    "%0d%0aX-A:%20b",
    "%2e%2e%2f%2e%2e",
    "..",
    "%E2%80%AEgnp",
    "x" * 3_000,
    "00000000-0000-0000-0000-000000000000",
    "_00",
    "_2F_2F",
    "%25s%25(a)s",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Current-URL": "http://[::1/x?y=\x80"},
    {"HX-Request": "true", "HX-Target": "\x80" * 300, "HX-Trigger": "'\"<", "HX-Boosted": "perhaps"},
    {"Referer": "http://[", "Origin": "null", "Accept-Language": "xx-" * 90, "User-Agent": "\x80" * 2_000},
    {"Origin": "http://testserver"},
    {"Accept-Language": "de;q=NaN, *;q=1e9, en-\x80", "Accept": "\x80/*;q=x"},
    {"X-Forwarded-For": "not an address, ::1%eth0", "Forwarded": "for=;;;", "X-Forwarded-Proto": "gopher"},
    {"Cookie": 'sessionid="abcdefgh\\000\\377"; draft="\\000"; csrftoken="\\000"; messages="\\000"; theme="\\000"'},
    {"Authorization": "Bearer \x80\x00", "X-Trace-Id": "\x80", "If-Modified-Since": "yesterday", "Range": "bytes=-x"},
)


@dataclass(frozen=True)
class Request:
    """What is sent: the pairs in their order, in a form's encoding, with headers besides."""

    pairs: tuple[Sent, ...] = ()
    encoding: str = "urlencoded"
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.encoding} {[(name[:60], _short(value)) for name, value in self.pairs]} {dict(self.headers)}"

    def query(self) -> bytes:
        return b"&".join(_quoted(name) + b"=" + _quoted(value) for name, value in self.pairs)

    def body(self) -> tuple[bytes, str]:
        """Return body and content type."""
        if self.encoding == "urlencoded":
            return self.query(), "application/x-www-form-urlencoded"
        if self.encoding == "multipart":
            return _multipart(self.pairs), "multipart/form-data; boundary=edge"
        return _BROKEN[self.encoding]


_BROKEN = {
    "no boundary": (b"--edge\r\n", "multipart/form-data"),
    "cut off": (b'--edge\r\nContent-Disposition: form-data; name="a"', "multipart/form-data; boundary=edge"),
    "wrong base64": (
        b'--edge\r\nContent-Disposition: form-data; name="a"; filename="b"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"!!!\r\n--edge--\r\n",
        "multipart/form-data; boundary=edge",
    ),
    "unknown charset": (b"a=%ff", "application/x-www-form-urlencoded; charset=nonsense"),
    "utf-16": (b"\xff\xfea\x00=\x00", "application/x-www-form-urlencoded; charset=utf-16"),
    "json": (b'{"a": [1, {"b": "\\ud800"}], "token": null, "email": 7}', "application/json"),
    "deep json": (b"[" * 100_000, "application/json"),
    "no type": (b"a=b", ""),
    "many fields": (b"&".join(b"f%d=1" % number for number in range(1_000)), "application/x-www-form-urlencoded"),
}
BROKEN = tuple(_BROKEN)


def spoiled_in_turn(form: PageForm, number: int) -> Request:
    """Return a request in which every field has another of the hostile texts, which ones depends on `number`."""
    names = list(form.fields)
    pairs = [(name, TEXTS[(number + index * 5) % len(TEXTS)]) for index, name in enumerate(names)]
    files = [(name, FILES[number % len(FILES)]) for name in names[number % 3 :: 4]]
    headers = HEADERS[number % len(HEADERS)]
    encoding = "multipart" if number % 2 else "urlencoded"
    return Request((*pairs, *(files if number % 2 else ())), encoding, tuple(headers.items()))


@st.composite
def requests(draw: st.DrawFn, form: PageForm) -> Request:
    """Draw a request for the form: some fields as they are, others missing, doubled, hostile, or files."""
    if form.method != "get" and draw(st.integers(0, 9)) == 9:
        return Request(encoding=draw(st.sampled_from(BROKEN)))
    pairs: list[Sent] = []
    for each in form.fields.values():
        pairs += [(each.name, value) for value in draw(_values(each))]
    if draw(st.booleans()):
        pairs.append((draw(_NAMES), draw(_VALUE)))
    # No server takes an address of that length; of a file it gets the name.
    if form.method == "get":
        pairs = [(name, value.name if isinstance(value, Upload) else value) for name, value in pairs]
    elif pairs and draw(st.integers(0, 4)) == 4:
        place = draw(st.integers(0, len(pairs) - 1))
        pairs[place] = (pairs[place][0], draw(st.sampled_from(BIG)))
    headers = tuple(draw(st.sampled_from(HEADERS)).items()) if draw(st.integers(0, 2)) == 2 else ()
    has_file = any(isinstance(value, Upload) for _, value in pairs)
    encoding = "multipart" if has_file else draw(st.sampled_from(["urlencoded", "multipart"]))
    return Request(tuple(pairs), encoding, headers)


_VALUE = st.one_of(
    st.sampled_from(TEXTS),
    st.text(max_size=60),
    st.binary(max_size=40),
    st.integers().map(str),
    st.floats().map(str),
    st.uuids().map(str),
)
_NAMES = st.one_of(st.sampled_from(["surplus", "", "a[]", "__class__", "csrfmiddlewaretoken"]), st.text(max_size=20))


def _values(field: Field) -> st.SearchStrategy[list[Value]]:
    usual: st.SearchStrategy[Value] = st.sampled_from(field.values or ["Why do cats purr at night?", "1"])
    if field.is_file:
        usual = st.sampled_from(FILES)
    one = st.one_of(usual, usual, _VALUE, st.sampled_from(FILES))
    return st.one_of(st.lists(one, max_size=3), one.map(lambda value: [value]), usual.map(lambda value: [value]))


def _short(value: Value) -> str:
    shown = repr(value)
    return shown if len(shown) < 80 else f"{shown[:60]}… ({len(shown)})"


def _raw(value: Value) -> bytes:
    if isinstance(value, Upload):
        return value.content
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _quoted(value: Value) -> bytes:
    return quote_from_bytes(_raw(value), safe="").encode()


def _multipart(pairs: Iterable[Sent]) -> bytes:
    parts = []
    for name, value in pairs:
        head = b'Content-Disposition: form-data; name="' + _raw(name).translate(None, b'"\r\n') + b'"'
        if isinstance(value, Upload):
            head += b'; filename="' + _raw(value.name).translate(None, b'"\r\n') + b'"'
            head += b"\r\nContent-Type: " + _raw(value.kind).translate(None, b"\r\n")
        parts.append(b"--edge\r\n" + head + b"\r\n\r\n" + _raw(value) + b"\r\n")
    return b"".join(parts) + b"--edge--\r\n"
