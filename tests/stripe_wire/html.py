"""The little HTML that the hosted pages share."""

from __future__ import annotations

from html import escape

from tests.wire.server import Reply


def page(title: str, body: str, *, status: int = 200) -> Reply:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Reply(status, html.encode(), "text/html; charset=utf-8")


def not_found() -> Reply:
    return page("Not found", "<p>There is nothing here.</p>", status=404)


def to(url: str) -> Reply:
    return Reply(303, b"", "text/html", {"Location": url})


def button(name: str, value: str, words: str) -> str:
    return f'<button name="{name}" value="{value}">{escape(words)}</button>'


def link(url: str | None, words: str) -> str:
    """Nothing where there is nowhere to go."""
    return f'<p><a href="{escape(url)}">{words}</a></p>' if url else ""


def money(cents: int, currency: str) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d} {currency.upper()}"
