"""Which vendors answer, and who serves what."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings

from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError
from canvascast.operations.doctor.findings import Check, Finding, trouble

_INSTEAD = {
    "openai": "others write, speak, draw and judge texts",
    "gemini": "others draw and write",
    "elevenlabs": "others speak, and nobody learns users' own voices",
}
_FIXES = {
    "vendor_refuses_key": "Look at {variable}: the vendor does not know this key, or it may not do this.",
    "vendor_purse_empty": "Fill up the account at the vendor; until then take {variable} away and others serve.",
    "vendor_unreachable": "Look at {address} and whether this machine gets out.",
    "vendor_redirects": "Look at {address}: it answers with another address.",
}


def checks() -> list[Check]:
    """Return a check for each vendor there is; nothing that is asked of them costs anything."""
    return [
        Check(
            name,
            partial(_vendor, name, service.reach) if service else partial(_no_vendor, name),
            _fix("vendor_unreachable", name),
        )
        for name, service in registry.services().items()
    ]


def serving() -> list[Finding]:
    """Tell who does what now, and who comes next where there is more than one."""
    orders = {
        "moderator": [settings.PROVIDERS["moderator"]],
        "writer": [settings.PROVIDERS["writer"]],
        "speakers": settings.SPEAKERS,
        "aligners": settings.ALIGNERS,
        "painter": [settings.PROVIDERS["painter"]],
    }
    return [Finding(name, "ok", " then ".join(order)) for name, order in orders.items()]


def _no_vendor(name: str) -> Finding:
    return Finding(name, "not set", _INSTEAD[name], f"Set {name.upper()}_API_KEY.")


def _vendor(name: str, reach: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", reach())
    except PipelineError as error:
        return trouble(name, str(error), _fix(error.code, name))


def _fix(code: str, name: str) -> str:
    advice = _FIXES.get(code, "Try again in a few minutes.")
    return advice.format(variable=f"{name.upper()}_API_KEY", address=f"{name.upper()}_BASE_URL")
