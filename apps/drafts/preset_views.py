"""What can be looked at before anything is typed: the sample films, and a page for each kind of video."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.drafts.forms import HomeForm
from apps.drafts.presets import PRESETS, preset_named


@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    """The six sample films with the words they were made from."""
    return render(request, "drafts/examples.html", {"presets": PRESETS})


@require_safe
def preset(request: HttpRequest, slug: str) -> HttpResponse:
    """One kind of video, with the box to start it."""
    chosen = preset_named(slug)
    if chosen is None:
        raise Http404
    form = HomeForm(initial={"prompt": chosen.example, "niche": chosen.slug})
    others = [each for each in PRESETS if each is not chosen]
    return render(request, "drafts/preset.html", {"preset": chosen, "others": others, "form": form})
