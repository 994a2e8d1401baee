"""Of several aligners in a row, every call is written down under the name of the one that was asked."""

from __future__ import annotations

import pytest

from apps.pipeline import engine
from apps.pipeline.calls import recorded
from apps.pipeline.models import JobStep, ProviderCall
from apps.pipeline.providers.aligner.cascade import Cascade
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.usage import Usage
from tests.engine.conftest import start
from tests.providers.scenes import spoken_scene
from tests.providers.test_aligner_cascade import Stub


class Paid(Stub):
    def align(self, request):
        found = super().align(request)
        return type(found)(found.words, Usage("whisper-1", 9, 900), self.name)


@pytest.mark.django_db(transaction=True)
def test_each_member_of_a_cascade_has_its_own_calls(trivial, owner, tmp_path, caplog):
    job = start(owner, "Cats purr")
    claim = engine.claim(JobStep.objects.filter(job=job, step="script").get().pk, worker="test")
    cascade = Cascade([Stub("free", Rejected("no_word_times", "No times.")), Paid("paid", 0.9)])

    with caplog.at_level("INFO"):
        found = recorded(cascade, "aligner", claim, lambda: False).align(spoken_scene(tmp_path).request())

    assert found.served_by == "paid"
    columns = ("provider", "capability", "method", "state", "model", "cost_micro_usd", "error_code")
    assert list(ProviderCall.objects.order_by("pk").values_list(*columns)) == [
        ("free", "aligner", "align", "failed", "", 0, "no_word_times"),
        ("paid", "aligner", "align", "ok", "whisper-1", 900, ""),
    ]
    begun = [record.msg["spanId"] for record in caplog.records if record.msg["event"] == "provider_call_started"]
    lines = [record.msg for record in caplog.records if record.msg["event"] == "provider_call"]
    assert begun == [line["spanId"] for line in lines]
    assert [(line["spanId"], line["parentSpanId"]) for line in lines] == [
        (call.span_id, claim.span_id) for call in ProviderCall.objects.order_by("pk")
    ]
    assert [line.get("error_code") for line in lines] == ["no_word_times", None]
    assert all(0 <= line["duration"] < 5 for line in lines)
