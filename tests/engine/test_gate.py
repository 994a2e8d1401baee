"""When a vendor may be asked: not too often at once, not too many a minute, not while it is down, not for any money."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.pipeline import engine, gate
from apps.pipeline.actions import cancel_video, retry_video
from apps.pipeline.calls import recorded, recorded_alone
from apps.pipeline.models import Job, JobStep, ProviderCall
from apps.pipeline.models.provider_call import CallState
from apps.pipeline.providers.errors import PipelineError, RateLimited, Transient
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.states import JobState
from apps.pipeline.steps.base import Stopped
from tests.engine.conftest import database_away, start


@pytest.fixture
def claim(trivial, owner):
    trivial.PROVIDER_CONCURRENCY = {"*": 2}
    trivial.PROVIDER_CALLS_A_MINUTE = {"*": 100}
    row = JobStep.objects.get(job=start(owner, "one"), step="script")
    return engine.claim(row.pk, worker="w")


DATABASE_CLOCK = gate.clock


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> None:
    """The tests move the clock of their own process."""
    monkeypatch.setattr(gate, "clock", timezone.now)


def call(claim, **fields) -> ProviderCall:
    values = {"provider": "openai", "capability": "writer", "method": "narrate", "idempotency_key": "k", "span_id": "s"}
    return ProviderCall(**({"job_step_id": claim.row_id, "fence": claim.fence} | values | fields))


def ended(claim, *codes: str, provider: str = "openai", **fields) -> None:
    """Calls that ended one after another, the last now; an empty code is a success."""
    now = timezone.now()
    for number, code in enumerate(codes):
        state = CallState.FAILED if code else CallState.OK
        moment = now - timedelta(milliseconds=len(codes) - 1 - number)
        call(
            claim, provider=provider, state=state, error_code=code, started_at=moment, finished_at=moment, **fields
        ).save()


def test_call_waits_while_as_many_are_open_as_may_be(claim):
    assert gate.enter(call(claim)) is None
    assert gate.enter(call(claim)) is None

    assert gate.enter(call(claim)) > timezone.now()
    assert gate.enter(call(claim, provider="gemini")) is None
    assert ProviderCall.objects.filter(provider="openai").count() == 2


def test_call_that_finds_the_vendor_busy_asks_for_no_lock(claim, django_assert_num_queries):
    for _ in range(2):
        gate.enter(call(claim))
    waiting = call(claim)

    with django_assert_num_queries(2) as looked:
        assert gate.enter(waiting) is not None

    assert "advisory" not in str(looked.captured_queries)


def test_call_that_finds_the_vendor_resting_asks_once(claim, django_assert_num_queries):
    ended(claim, *["vendor_trouble"] * 5)
    waiting = call(claim)

    with django_assert_num_queries(1):
        assert gate.enter(waiting) is not None


def test_call_sums_no_costs_under_the_lock(claim):
    with CaptureQueriesContext(connection) as captured:
        assert gate.enter(call(claim)) is None

    asked = [query["sql"] for query in captured]
    (lock,) = [place for place, sql in enumerate(asked) if "pg_advisory_xact_lock" in sql]
    sums = [place for place, sql in enumerate(asked) if "SUM(" in sql]
    assert len(sums) == 2
    assert max(sums) < lock
    # Lock, three looks and the row, between the two ends of the transaction.
    assert len(asked) - lock == 1 + 3 + 1 + 1


def test_call_of_a_worker_that_died_holds_nothing_up(claim):
    for _ in range(2):
        gate.enter(call(claim))
    JobStep.objects.filter(pk=claim.row_id).update(lease_until=timezone.now() - timedelta(seconds=1))

    assert gate.enter(call(claim)) is None


def test_call_beyond_the_minute_s_number_waits_for_the_oldest(claim, settings):
    settings.PROVIDER_CALLS_A_MINUTE = {"*": 3}
    began = timezone.now()
    ended(claim, "", "", "")

    moment = gate.enter(call(claim))

    assert timedelta(seconds=59) < moment - began < timedelta(seconds=61)
    with time_machine.travel(moment + timedelta(seconds=1)):
        assert gate.enter(call(claim)) is None


def test_machine_whose_clock_is_fast_shuts_nobody_out(claim, monkeypatch, settings):
    monkeypatch.setattr(gate, "clock", DATABASE_CLOCK)
    settings.PROVIDER_CALLS_A_MINUTE = {"*": 6}
    vendor = _Vendor()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        for _ in range(5):
            with pytest.raises(Transient):
                recorded(vendor, "writer", claim, lambda: False).narrate("fails")

    resting_until = gate.enter(call(claim))
    assert timedelta(seconds=15) < resting_until - timezone.now() < timedelta(seconds=21)
    assert not ProviderCall.objects.filter(started_at__gt=timezone.now() + timedelta(seconds=1)).exists()


def test_vendor_that_fails_five_times_in_a_row_is_left_alone_for_a_while(claim):
    ended(claim, *["vendor_trouble", "vendor_unreachable"] * 2, "vendor_bad_answer")
    began = timezone.now()

    moment = gate.enter(call(claim))

    assert timedelta(seconds=19) < moment - began < timedelta(seconds=21)


def test_after_its_rest_one_call_tries_alone(claim):
    ended(claim, *["vendor_trouble"] * 5)
    JobStep.objects.filter(pk=claim.row_id).update(lease_until=timezone.now() + timedelta(hours=1))

    with time_machine.travel(timezone.now() + timedelta(seconds=21)):
        assert gate.enter(call(claim)) is None
        assert gate.enter(call(claim)) is not None


@pytest.mark.parametrize(
    "codes",
    [
        ("vendor_trouble",) * 4,
        ("vendor_trouble",) * 4 + ("",),
        ("",) + ("vendor_trouble",) * 4,
        ("picture_refused",) * 9,
        ("rate_limited",) * 9,
    ],
)
def test_vendor_that_answers_now_and_then_is_asked(claim, codes):
    ended(claim, *codes)

    assert gate.enter(call(claim)) is None


def test_video_that_cost_its_cap_buys_no_more(claim, settings):
    settings.SPEND_CAP_USD_A_CREDIT = 0.5
    ended(claim, "", cost_micro_usd=499_999)
    assert gate.enter(call(claim)) is None
    ended(claim, "", provider="gemini", cost_micro_usd=1)

    with pytest.raises(PipelineError) as raised:
        gate.enter(call(claim))

    assert (type(raised.value), raised.value.code) == (PipelineError, "spend_cap")


def test_video_that_is_stopped_and_tried_again_has_one_cap(claim, owner, settings):
    settings.SPEND_CAP_USD_A_CREDIT = 0.5
    ended(claim, "", cost_micro_usd=500_000)

    again = stopped_and_tried_again(claim, owner)

    with pytest.raises(PipelineError, match="cost what it may"):
        gate.enter(call(again))


def test_video_that_was_ready_since_has_its_cap_anew(claim, owner, settings):
    settings.SPEND_CAP_USD_A_CREDIT = 0.5
    ended(claim, "", cost_micro_usd=500_000)
    again = stopped_and_tried_again(claim, owner)
    job = JobStep.objects.get(pk=again.row_id).job
    made_between = job.created_at - timedelta(microseconds=1)
    Job.objects.create(
        project=job.project,
        user=owner,
        brief=job.brief,
        state=JobState.READY,
        created_at=made_between,
        finished_at=made_between,
    )

    assert gate.enter(call(again)) is None


def stopped_and_tried_again(claim, owner):
    """Stop the claimed job and return the claim of the same step of its retry."""
    row = JobStep.objects.get(pk=claim.row_id)
    cancel_video(job_id=row.job_id, by=owner, at=timezone.now())
    job = retry_video(job=Job.objects.get(pk=row.job_id), by=owner, at=timezone.now())
    return engine.claim(JobStep.objects.get(job=job, step=row.step).pk, worker="w")


def test_day_that_cost_its_budget_buys_no_more_until_midnight(claim, settings):
    settings.DAILY_BUDGET_USD = 1
    ended(claim, "", cost_micro_usd=1_000_000)

    with pytest.raises(PipelineError) as raised:
        gate.enter(call(claim))

    assert raised.value.code == "daily_budget"
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert gate.enter(call(claim)) is None


class _Vendor:
    name = identity = "openai"
    is_remote = True

    def __init__(self) -> None:
        self.calls = 0

    def narrate(self, request: str):
        self.calls += 1
        if request == "fails":
            raise Transient("vendor_trouble")
        if request == "is cut off":
            with bought(Usage("m", 9, 11)):
                raise Transient("vendor_bad_answer")
        return type("Answer", (), {"usage": Usage("m", 5, 7)})()


def test_call_is_recorded_with_what_it_cost(claim):
    recorded(_Vendor(), "writer", claim, lambda: False).narrate("text")

    row = ProviderCall.objects.get()
    assert (row.state, row.model, row.units, row.cost_micro_usd) == ("ok", "m", 5, 7)


def test_answer_that_was_paid_for_and_is_of_no_use_costs_what_it_did(claim, settings):
    with pytest.raises(Transient):
        recorded(_Vendor(), "writer", claim, lambda: False).narrate("is cut off")

    row = ProviderCall.objects.get()
    assert (row.state, row.error_code, row.model, row.units, row.cost_micro_usd) == (
        "failed",
        "vendor_bad_answer",
        "m",
        9,
        11,
    )
    settings.DAILY_BUDGET_USD = 0.000_011
    with pytest.raises(PipelineError, match="the day"):
        gate.enter(call(claim))


@pytest.mark.django_db(transaction=True)
def test_answer_that_meets_an_outage_is_not_lost(claim):
    vendor = _Vendor()
    vendor.narrate = lambda request: (away.enter_context(database_away(0.6)), _Vendor.narrate(vendor, request))[1]

    with ExitStack() as away:
        answer = recorded(vendor, "writer", claim, lambda: False).narrate("text")

    assert answer.usage.cost_micro_usd == 7
    row = ProviderCall.objects.get()
    assert (row.state, row.cost_micro_usd) == ("ok", 7)


def test_call_that_may_not_be_made_for_long_goes_back_to_the_queue(claim):
    ended(claim, *["vendor_trouble"] * 5)
    vendor = _Vendor()

    with pytest.raises(RateLimited):
        recorded(vendor, "writer", claim, lambda: False).narrate("text")

    assert vendor.calls == 0


@pytest.fixture
def naps(monkeypatch):
    """How long each sleep before the gate is; the clock goes on by it and nobody waits."""
    slept = []
    with time_machine.travel(timezone.now(), tick=False) as traveller:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            traveller.shift(seconds)

        monkeypatch.setattr("apps.pipeline.calls.time.sleep", sleep)
        yield slept


def test_call_that_waits_looks_less_and_less_often(claim, naps):
    JobStep.objects.filter(pk=claim.row_id).update(lease_until=timezone.now() + timedelta(hours=1))
    for _ in range(2):
        gate.enter(call(claim))

    with pytest.raises(RateLimited):
        recorded(_Vendor(), "writer", claim, lambda: False).narrate("text")

    assert naps[0] <= 0.15
    assert all(0.5 <= nap <= 1.0 for nap in naps[3:])
    assert 5.0 < sum(naps) <= 6.0
    assert len(naps) <= 14


def test_row_that_goes_back_to_the_queue_rests_some_seconds(claim, naps):
    JobStep.objects.filter(pk=claim.row_id).update(lease_until=timezone.now() + timedelta(hours=1))
    for _ in range(2):
        gate.enter(call(claim))

    with pytest.raises(RateLimited) as raised:
        recorded(_Vendor(), "writer", claim, lambda: False).narrate("text")

    assert timedelta(seconds=3) <= raised.value.after - timezone.now() <= timedelta(seconds=8)


def test_row_that_comes_again_waits_longer_but_not_for_a_vendor_that_rests(claim, naps):
    again = replace(claim, fence=4)
    JobStep.objects.filter(pk=claim.row_id).update(fence=4, lease_until=timezone.now() + timedelta(hours=1))
    for _ in range(2):
        gate.enter(call(again))

    with pytest.raises(RateLimited):
        recorded(_Vendor(), "writer", again, lambda: False).narrate("text")
    assert 20.0 < sum(naps) <= 21.0

    ended(claim, *["vendor_trouble"] * 5)
    naps.clear()
    with pytest.raises(RateLimited):
        recorded(_Vendor(), "writer", again, lambda: False).narrate("text")
    assert naps == []


def test_row_of_a_vendor_that_rests_comes_back_when_it_does_not(claim):
    ended(claim, *["vendor_trouble"] * 5)
    resting_until = gate.enter(call(claim))

    with pytest.raises(RateLimited) as raised:
        recorded(_Vendor(), "writer", claim, lambda: False).narrate("text")

    assert raised.value.after == resting_until


def test_nothing_is_bought_for_a_row_that_is_no_longer_ours(claim):
    vendor = _Vendor()

    with pytest.raises(Stopped):
        recorded(vendor, "writer", claim, lambda: True).narrate("text")

    assert (vendor.calls, ProviderCall.objects.count()) == (0, 0)


def test_call_for_no_video_is_recorded_and_counts_into_the_day(claim, settings):
    recorded_alone(_Vendor(), "speaker").narrate("sample")
    settings.DAILY_BUDGET_USD = 0.000_007

    row = ProviderCall.objects.get()
    assert (row.job_step_id, row.state, row.capability, row.cost_micro_usd) == (None, "ok", "speaker", 7)
    with pytest.raises(PipelineError) as raised:
        recorded_alone(_Vendor(), "speaker").narrate("another")
    assert raised.value.code == "daily_budget"


def test_open_call_for_no_video_counts_until_no_call_takes_that_long(claim):
    for _ in range(2):
        gate.enter(call(claim, job_step_id=None))

    assert gate.enter(call(claim)) is not None
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert gate.enter(call(claim, job_step_id=None)) is None
        recorded_alone(_Vendor(), "speaker").narrate("sample")
        assert ProviderCall.objects.filter(state=CallState.UNKNOWN).count() == 2


@pytest.mark.django_db(transaction=True)
def test_never_more_calls_are_open_than_may_be_however_many_ask(claim, settings):
    settings.PROVIDER_CONCURRENCY = {"openai": 3, "*": 9}
    JobStep.objects.filter(pk=claim.row_id).update(lease_until=timezone.now() + timedelta(hours=1))
    lock = threading.Lock()
    now_open = most_open = made = 0

    def ask() -> None:
        nonlocal now_open, most_open, made
        record = call(claim)
        while gate.enter(record) is not None:
            time.sleep(0.01)
        with lock:
            now_open += 1
            most_open = max(most_open, now_open)
        time.sleep(0.03)
        with lock:
            now_open -= 1
            made += 1
        ProviderCall.objects.filter(pk=record.pk).update(state=CallState.OK, finished_at=timezone.now())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == 12
    assert most_open <= 3
