"""An address of a program and what it is told, as a form. What can be called is judged in actions."""

from __future__ import annotations

from django import forms

from apps.notifications.webhooks.addresses import LONGEST_URL
from apps.notifications.webhooks.endpoints import SELECTABLE


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="Address of your program",
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"autocomplete": "url", "spellcheck": "false"}),
        help_text="It begins with https:// and is on the public internet.",
    )
    job_ready = forms.BooleanField(label="Tell it when a video is ready", required=False, initial=True)
    job_failed = forms.BooleanField(label="Tell it when a video could not be made", required=False, initial=True)

    def events(self) -> list[str]:
        """Return the types that were chosen."""
        return [event.value for event in SELECTABLE if self.cleaned_data[event.value.replace(".", "_")]]
