"""The colours of a niche: `accent` marks the spoken word and titles, `background` lies under boxed captions."""

from __future__ import annotations

from apps.pipeline.contracts import Niche, Theme

THEMES: dict[Niche, Theme] = {
    "motivation": Theme(accent="#ffb020", background="#1a1210"),
    "explainer": Theme(accent="#4cc9f0", background="#0f1722"),
    "facts": Theme(accent="#ffd60a", background="#141414"),
    "history": Theme(accent="#e9b872", background="#1c1611"),
    "finance": Theme(accent="#3ddc97", background="#0d1a16"),
    "science": Theme(accent="#7cf5ff", background="#0c1024"),
}
