"""A storage during whose work the world changes: whoever asked for an export has left when it is written."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import DataExport
from canvascast.storages import DurableStorage
from tests.chaos.failpoints.stage import unheard


class SuddenStorage(DurableStorage):
    def _save(self, name: str, content: Any) -> str:
        saved = super()._save(name, content)
        with unheard():
            DataExport.objects.filter(pk=name.removeprefix("exports/").removesuffix(".zip")).delete()
        return saved
