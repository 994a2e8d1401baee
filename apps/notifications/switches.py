"""What can be turned off, and how each switch is called: a field of Preferences each. Receipts have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    label: str
    help_text: str


SWITCHES: Mapping[str, Switch] = {
    "video_ready": Switch("A video is ready", "With a still from it, its length and what it cost."),
    "video_failed": Switch(
        "A video could not be made",
        "What happened, what was kept, and that its credits are back in your balance.",
    ),
    "low_credits": Switch("Credits are running low", "Once each time fewer than 5 are left."),
    "credits_depleted": Switch("All credits are used", "Once each time nothing is left."),
    "subscription_expiring": Switch("A plan is about to end", "Three days before, when it will not renew."),
    "assets_expiring": Switch("Files are about to be deleted", "A week before the files of a video go."),
    "webhook_paused": Switch("A webhook was paused", "When the address of your program did not answer for days."),
}
"""Only those whose mails exist."""
