"""Without a connection the browser shows the page that its service worker kept."""

from __future__ import annotations

from playwright.sync_api import expect


def test_kept_page_is_shown_with_its_looks_until_the_connection_is_back(visitors):
    visit = visitors.open(service_workers="allow")
    page = visit.page
    visit.go("/pricing")
    page.evaluate("navigator.serviceWorker.ready")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.context.set_offline(True)
    visit.go("/examples")

    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    page.context.set_offline(False)
    visit.go("/examples")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Six films")
