"""The house looks: per niche a style, moods and palettes, one of which the seed picks for a whole video."""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts import Niche


@dataclass(frozen=True)
class HouseLook:
    """Palettes have five colours: deep, middle, light, accent, second accent."""

    style: str
    moods: tuple[str, ...]
    palettes: tuple[tuple[str, ...], ...]


HOUSE_LOOKS: dict[Niche, HouseLook] = {
    "motivation": HouseLook(
        "cinematic landscape painting, wide horizon, long light, layered depth",
        ("hopeful, dawn light", "determined, clear morning air", "calm and open, golden hour"),
        (
            ("#1b2a49", "#c8553d", "#ffd5a5", "#f28f3b", "#588b8b"),
            ("#14213d", "#5f7c8a", "#f4e9d8", "#fca311", "#d1495b"),
            ("#22223b", "#6d597a", "#f6e7cb", "#e56b6f", "#eaac8b"),
        ),
    ),
    "explainer": HouseLook(
        "clean editorial illustration, simple shapes, soft shadows, generous space",
        ("friendly and clear", "curious, bright daylight", "warm and calm"),
        (
            ("#173753", "#2892d7", "#eef4ed", "#f6ae2d", "#6daedb"),
            ("#264653", "#2a9d8f", "#f1faee", "#e9c46a", "#e76f51"),
            ("#2d3047", "#419d78", "#f5efe6", "#e0a458", "#c04abc"),
        ),
    ),
    "facts": HouseLook(
        "bold poster illustration, strong shapes, playful contrast",
        ("lively and surprising", "bright and bold", "playful, high contrast"),
        (
            ("#2b2d42", "#ef476f", "#fdfcdc", "#ffd166", "#06d6a0"),
            ("#10002b", "#7b2cbf", "#f8edff", "#ff9e00", "#00bbf9"),
            ("#073b4c", "#118ab2", "#fffcf2", "#ffb703", "#fb5607"),
        ),
    ),
    "history": HouseLook(
        "aged engraving on parchment, fine hatching, muted ink and sepia",
        ("solemn, candle light", "nostalgic, dusty evening light", "quiet, museum light"),
        (
            ("#3b2f2f", "#8c6a4f", "#f0e2c4", "#a63d2f", "#5d737e"),
            ("#2f2a25", "#7a5c3e", "#e8d8b7", "#b08d57", "#46594a"),
            ("#33261d", "#946846", "#f3e5ca", "#c17c3a", "#6b4e71"),
        ),
    ),
    "finance": HouseLook(
        "precise modern illustration, clean lines, glass and paper textures, calm order",
        ("sober and steady", "clear, cool morning light", "confident, city at dusk"),
        (
            ("#0b2545", "#13505b", "#eef4ed", "#d4a017", "#8da9c4"),
            ("#102a2e", "#2d6a4f", "#f1f5ee", "#d8a047", "#74c69d"),
            ("#1d2333", "#3d5a80", "#f2f4f3", "#ee964b", "#98c1d9"),
        ),
    ),
    "science": HouseLook(
        "luminous scientific illustration, fine particles, glowing edges, deep background",
        ("full of wonder, night light", "precise and quiet", "vivid, glowing"),
        (
            ("#03071e", "#3a0ca3", "#e0f7fa", "#4cc9f0", "#f72585"),
            ("#0a1128", "#1282a2", "#fefcfb", "#7ae582", "#ffca3a"),
            ("#12082b", "#5a189a", "#ede7f6", "#00f5d4", "#fee440"),
        ),
    ),
}

NAMED_PALETTES: dict[str, tuple[str, ...]] = {
    "warm": ("#3d1f1f", "#c44536", "#fbe9d0", "#f4a261", "#e9c46a"),
    "cool": ("#0d1b2a", "#415a77", "#e8f1f2", "#48cae4", "#90e0ef"),
    "earth": ("#2f2a25", "#7f5539", "#ede0d4", "#b08968", "#606c38"),
    "pastel": ("#6d6875", "#b5838d", "#fff1e6", "#ffb4a2", "#a2d2ff"),
    "vivid": ("#10002b", "#ff006e", "#fdfcdc", "#ffbe0b", "#3a86ff"),
    "mono": ("#161616", "#5c5c5c", "#f2f2f2", "#a3a3a3", "#d6d6d6"),
}
