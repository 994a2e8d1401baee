"""What the user pasted, reduced to what shall be said: done once, before voice and captions alike.

Rules, chosen to drop marks rather than words:
- Markdown: emphasis, links, list, quote and table marks go and their words stay; headings, pictures and fenced code are
  not narrated. A text of headings alone is narrated after all. List numbers of one or two digits go. A line of tildes
  alone is a break between sections, not a fence.
- Subtitle files (SRT, WebVTT, ASS): only the spoken lines stay; two seconds of pause after a full stop end a paragraph.
- Stage directions in (), [], <> or ** go when every word in them is stage vocabulary: "[soft music]", "(applause)".
- "NARRATOR:" and the like at the start of a line, reference marks such as [3], time codes, URLs, e-mail addresses,
  HTML tags, those of subtitle files and of speech (SSML), and ASS override tags go. "debt <5 and >15" holds none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token as MarkdownToken

from apps.pipeline.text.characters import has_words, printable
from apps.pipeline.text.stage import strip_stage_directions
from apps.pipeline.text.subtitles import spoken_lines
from apps.pipeline.text.tags import TAG

__all__ = ["clean_text", "has_words", "heading_of"]

_COMMENT = re.compile(r"<!--.*?-->|<(script|style)\b[^>]{0,500}>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_BLOCK_TAG = re.compile(r"</?(?:p|div|h[1-6]|li|ul|ol|tr|table|section|article)\b[^<>]{0,500}>", re.IGNORECASE)
_ASS_TAG = re.compile(r"\{\\[^{}]{0,500}\}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,}(?=[ \t]*[^\s~]))")
_UNDERLINED_HEADING = re.compile(r"^(?=\S)([^\n]{1,120})\n=+[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*[-=_*~]{3,}[ \t]*$", re.MULTILINE)
_REFERENCE = re.compile(
    r"^[ \t]*\[[^\]\n]{1,100}\]:[ \t]*<?(?:https?://|www\.)\S+[^\n]*$", re.MULTILINE | re.IGNORECASE
)
_INNER_STAR = re.compile(r"(?<=\w)\*(?=\w)")
_URL_IN_BRACKETS = re.compile(r"[ \t]*[(\[<](?:https?://|www\.)[^\s()\[\]<>]+[)\]>]", re.IGNORECASE)
_URL = re.compile(r"[ \t]*(?<!\w)(?:[a-z]{3,8}://|www\.)\S+", re.IGNORECASE)
_MAILBOX = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
_EMAIL = re.compile(rf"[ \t]*(?:<{_MAILBOX}>|{_MAILBOX})")
_UNSPACED_BREAK = re.compile(r"(?<=[\u3000-\u30ff\u4e00-\u9fff])\n(?=[\u3000-\u30ff\u4e00-\u9fff])")
_TRAILING_MARKS = ".,;:!?)]\"'”’»"
_PARSER = (
    MarkdownIt("commonmark", {"html": False})
    .enable(["table", "strikethrough"])
    .disable(["code", "fence", "lheading", "reference", "html_block", "autolink"])
)


def clean_text(raw: str) -> str:
    """Return the narration in `raw`: NFC, one line per paragraph, a blank line between paragraphs; may be empty."""
    paragraphs, headings = _markdown_text(_without_marks(raw))
    return "\n\n".join(_narrated(paragraphs) or _narrated(headings))


def heading_of(raw: str) -> str:
    """Return the first Markdown heading of `raw`, or ""."""
    headings = _narrated(_markdown_text(_without_marks(raw))[1])
    return headings[0] if headings else ""


def _without_marks(raw: str) -> str:
    text = _without_tags(spoken_lines(printable(raw)))
    text = _without_blocks(strip_stage_directions(text))
    return _INNER_STAR.sub(r"\\*", text)


def _without_tags(text: str) -> str:
    text = _BLOCK_TAG.sub("\n\n", _COMMENT.sub(" ", text))
    return _ASS_TAG.sub("", TAG.sub("", text))


def _without_blocks(text: str) -> str:
    text = "\n".join(_unfenced(text.split("\n")))
    text = _UNDERLINED_HEADING.sub(r"# \1", _REFERENCE.sub("", text))
    return _UNSPACED_BREAK.sub("", _RULE.sub("\n", text))


def _unfenced(lines: list[str]) -> list[str]:
    kept: list[str] = []
    fence, opened_at = "", 0
    for line in lines:
        mark = _FENCE.match(line)
        if fence and line.strip().startswith(fence):
            fence = ""
            kept[opened_at:] = [""]
        elif mark and not fence:
            fence, opened_at = mark.group(1), len(kept)
        else:
            kept.append(line)
    return kept


def _markdown_text(text: str) -> tuple[list[str], list[str]]:
    paragraphs: list[str] = []
    headings: list[str] = []
    cells: list[str] = []
    number, target = "", paragraphs
    for token in _PARSER.parse(text):
        if token.type == "list_item_open":
            number = f"{token.info}{token.markup} " if len(token.info) > 2 else ""
        elif token.type in {"heading_open", "tr_open"}:
            target = headings if token.type == "heading_open" else cells
        elif token.type in {"heading_close", "tr_close"}:
            target = paragraphs
            if cells:
                paragraphs.append(", ".join(cell for cell in cells if has_words(cell)))
                cells.clear()
        elif token.type == "inline":
            target.append(number + "".join(_inline(token)))
            number = ""
    return paragraphs, headings


def _inline(token: MarkdownToken) -> Iterator[str]:
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            yield child.content
        elif child.type in {"softbreak", "hardbreak"}:
            yield " "


def _narrated(paragraphs: list[str]) -> list[str]:
    stripped = (" ".join(_without_addresses(paragraph).split()) for paragraph in paragraphs)
    return [paragraph for paragraph in stripped if has_words(paragraph)]


def _without_addresses(paragraph: str) -> str:
    return _EMAIL.sub("", _URL.sub(_marks_after, _URL_IN_BRACKETS.sub("", paragraph)))


def _marks_after(address: re.Match[str]) -> str:
    found = address.group()
    return found[len(found.rstrip(_TRAILING_MARKS)) :]
