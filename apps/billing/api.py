"""`/api/v1/credits`: what a user can spend and what became of it."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["credits"])
