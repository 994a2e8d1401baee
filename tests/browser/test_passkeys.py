"""A passkey, with a security key that Chromium plays: added in the settings, it is a way in by itself."""

from __future__ import annotations

from django.test import override_settings
from playwright.sync_api import Page, expect

from tests.browser import people

_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


# As in development; a passkey belongs to a name, which an address of numbers is not.
@override_settings(MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN=True)
def test_passkey_is_added_and_logs_in_by_itself(visitors, site):
    visit = visitors.open(site=site.replace("127.0.0.1", "localhost"))
    page = visit.page
    plug_in_a_key(page)
    user = people.member(visit)

    people.type_fresh_code(visit, user)
    visit.go("/accounts/2fa/webauthn/add/")
    page.locator("[name=name]").fill("Laptop")
    page.locator("[name=passwordless]").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Add a passkey or security key")
    visit.go("/accounts/2fa/webauthn/")
    expect(page.get_by_role("listitem").filter(has_text="Laptop")).to_contain_text("Passkey")
    visit.go("/app/settings/")
    page.get_by_role("button", name="Log out").click()
    visit.go("/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your videos")
    visit.go("/app/settings/")
    expect(page.get_by_role("main")).to_contain_text(user.email)
    assert visit.complaints == []


def plug_in_a_key(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})
