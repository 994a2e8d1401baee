"""Which compositions each niche plays, in the order its scenes walk through them."""

from __future__ import annotations

from apps.pipeline.contracts import Niche
from apps.pipeline.providers.painter.scenery import landscapes
from apps.pipeline.providers.painter.scenery.stage import Compose

COMPOSITIONS: dict[str, Compose] = {
    "peaks": landscapes.peaks,
    "lake": landscapes.lake,
    "open_sea": landscapes.open_sea,
    "dunes": landscapes.dunes,
    "road": landscapes.road,
    "forest": landscapes.forest,
    "against_light": landscapes.against_light,
}

_LAND = ("peaks", "open_sea", "forest", "against_light", "lake", "road", "dunes")

PROGRAMMES: dict[Niche, tuple[str, ...]] = {
    "motivation": _LAND,
    "explainer": _LAND,
    "facts": _LAND,
    "history": _LAND,
    "finance": _LAND,
    "science": _LAND,
}

HOURS: dict[Niche, tuple[str, ...]] = {
    "motivation": ("golden", "dawn", "dusk", "mist", "day", "storm", "night", "golden", "dawn"),
    "explainer": ("day", "mist", "golden", "dawn", "dusk"),
    "facts": ("day", "dusk", "golden", "aurora", "dawn", "night", "storm"),
    "history": ("golden", "mist", "storm", "dusk", "dawn"),
    "finance": ("dusk", "day", "dawn", "night", "golden"),
    "science": ("night", "dusk", "aurora", "dawn", "day"),
}

DEFAULT_INKS: dict[Niche, tuple[str, ...]] = {
    "motivation": ("#1d2038", "#7a4b5a", "#e0795a", "#f5c07a", "#fbeed5"),
    "explainer": ("#16324f", "#2a6f97", "#f28f3b", "#f6c667", "#f7f3e8"),
    "facts": ("#2b1a3f", "#a4243b", "#1f8a8a", "#f2b134", "#fdf3e3"),
    "history": ("#2b2016", "#6b4a2f", "#a97845", "#d8b882", "#f1e4c8"),
    "finance": ("#0c2233", "#14576b", "#21a179", "#f3c969", "#eef4ef"),
    "science": ("#0a1030", "#283593", "#00a6c8", "#c86bfa", "#eaf6ff"),
}
