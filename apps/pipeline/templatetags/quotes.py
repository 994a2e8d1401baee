"""`{% load quotes %}`: the slip that names length and price of a text, for pages that know nothing of the pipeline."""

from __future__ import annotations

from django import template
from django.forms import BaseForm

from apps.pipeline.slips import Slip, slip_of

register = template.Library()


@register.inclusion_tag("pipeline/_quote.html")
def quote_slip(form: BaseForm | None = None, **typed: object) -> dict[str, Slip]:
    """Return the slip of a form, sent or not, or of plain values; values given by name win over the form's.

    Counts only: nothing is spent and nothing that was typed makes it fail.
    """
    fields = {name: form[name].value() for name in form.fields} if form else {}
    return {"slip": slip_of({**fields, **typed})}
