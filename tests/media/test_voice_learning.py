"""A user's voice at the vendor: learned once, found again after a crash, deleted with the user's own."""

from __future__ import annotations

import errno
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import Mock

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from apps.pipeline import sweep, voice_claims, voice_learning
from apps.pipeline.models import VoiceProfile
from apps.pipeline.offered_voices import current_offer
from apps.pipeline.providers.cloner.elevenlabs import ElevenLabsCloner
from apps.pipeline.providers.errors import RateLimited
from apps.pipeline.voice_learning import vendor_name, work_on
from apps.pipeline.voice_profiles import create_profile, delete_profile, forget_voices, own_voices
from canvascast.operations.erasure import erase_user
from canvascast.storages import DurableStorage, StorageUnavailable
from tests.media.recordings import tone
from tests.wire import server as wire
from tests.wire.accounts import speaking
from tests.wire.elevenlabs import ElevenLabsServer

pytestmark = pytest.mark.django_db
ADD, LIST = "/v1/voices/add", r"/v2/voices\?.*"


@pytest.fixture(autouse=True)
def _files(folders, settings, tmp_path):
    settings.SCRATCH_DIR = tmp_path / "scratch"


@pytest.fixture
def vendor(settings):
    with wire.serving(ElevenLabsServer()) as server, speaking(settings, elevenlabs=server):
        yield server


def create(owner, *seconds: float, name: str = "Grandma") -> VoiceProfile:
    files = [SimpleUploadedFile(f"{each}.wav", tone(each)) for each in seconds or (1.2,)]
    return create_profile(user=owner, name=name, consent=True, files=files, at=timezone.now())


def let_time_pass(profile: VoiceProfile) -> None:
    """Until a postponed voice is due and a lease has run out."""
    past = timezone.now() - timedelta(seconds=1)
    VoiceProfile.objects.filter(pk=profile.pk).update(due_at=past)
    VoiceProfile.objects.filter(pk=profile.pk, lease_until__isnull=False).update(lease_until=past)


def state_of(profile: VoiceProfile) -> tuple[str, str, int]:
    profile.refresh_from_db()
    return profile.state, profile.error_code, profile.tries


def names_at(vendor: ElevenLabsServer) -> list[str]:
    """The voices that were added since the server began."""
    return [each["name"] for each in vendor.voices if each["voice_id"] in vendor.clones]


def waiting() -> list[str]:
    return [hint.task["func"] for hint in OrmQ.objects.filter(key="quick")]


def test_voice_is_learned_from_its_recordings_under_a_name_that_tells_nothing(owner, vendor):
    profile = create(owner, 1.2, 2)

    work_on(profile.pk)

    assert state_of(profile) == ("READY", "", 1)
    assert profile.provider == "elevenlabs"
    sent = vendor.clones[profile.provider_voice_id]
    assert sent["name"] == [f"canvascast-{profile.pk}".encode()]
    assert set(sent) <= {"name", "files", "labels"}
    with av.open(io.BytesIO(sent["files"][0])) as recording:
        assert recording.format.name == "mp3"
    assert len(sent["files"]) == 2


def test_creating_a_voice_sends_a_hint_with_it_and_one_delivered_twice_learns_once(owner, vendor):
    profile = create(owner)

    for _ in range(2):
        work_on(profile.pk)

    assert waiting() == ["apps.pipeline.tasks.look_at_voice"]
    assert len(vendor.asked(ADD)) == 1


def test_lost_hint_is_sent_again_by_the_sweep(owner, vendor):
    profile = create(owner)
    OrmQ.objects.all().delete()
    VoiceProfile.objects.update(hinted_at=timezone.now() - timedelta(minutes=1))

    for _ in range(2):
        sweep.sweep("quick")

    assert waiting() == ["apps.pipeline.tasks.look_at_voice"]
    work_on(profile.pk)
    VoiceProfile.objects.update(hinted_at=None)
    OrmQ.objects.all().delete()
    sweep.sweep("quick")
    assert waiting() == []


def test_without_a_vendor_voices_wait(owner, settings):
    create(owner)

    sweep.sweep("quick")

    assert waiting() == []


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_asks_the_vendor(owner, vendor):
    profile = create(owner)
    gate = threading.Barrier(4)

    def work(_: int) -> None:
        try:
            gate.wait(10)
            work_on(profile.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert state_of(profile) == ("READY", "", 1)
    assert len(vendor.asked(ADD)) == 1


def test_worker_killed_between_the_call_and_its_record_makes_no_second_voice(owner, vendor, monkeypatch):
    profile = create(owner)

    def die(*arguments):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(voice_claims, "record_learned", die)
        with pytest.raises(SystemExit):
            work_on(profile.pk)
    assert state_of(profile) == ("PROCESSING", "", 1)
    let_time_pass(profile)
    work_on(profile.pk)

    assert state_of(profile) == ("READY", "", 2)
    assert [list(vendor.clones)] == [[profile.provider_voice_id]]
    assert len(vendor.asked(ADD)) == 1


@pytest.mark.parametrize("fault", [wire.RESET, wire.DRIP, wire.SILENCE])
def test_answer_that_was_lost_on_its_way_makes_no_second_voice(owner, vendor, fault):
    profile = create(owner)
    vendor.fail(fault)

    work_on(profile.pk)
    first = state_of(profile)
    let_time_pass(profile)
    work_on(profile.pk)

    assert (first, state_of(profile)) == (("PENDING", "", 1), ("READY", "", 2))
    assert names_at(vendor) == [vendor_name(profile)]


def test_worker_that_slept_past_its_lease_asks_for_nothing(owner, vendor, monkeypatch):
    profile = create(owner)
    packed = voice_learning._recordings

    def sleep_meanwhile_another_learns(asleep):
        monkeypatch.setattr(voice_learning, "_recordings", packed)
        let_time_pass(profile)
        work_on(profile.pk)
        return packed(asleep)

    monkeypatch.setattr(voice_learning, "_recordings", sleep_meanwhile_another_learns)
    work_on(profile.pk)

    assert state_of(profile) == ("READY", "", 2)
    assert len(vendor.asked(ADD)) == 1


@pytest.mark.parametrize(
    "fault", [wire.status(500), wire.status(429), wire.status(401), wire.status(401, "quota_exceeded")]
)
def test_trouble_that_may_pass_is_borne_until_the_tries_are_used_up(owner, vendor, fault):
    profile = create(owner)

    for _ in range(voice_claims.MOST_TRIES):
        vendor.fail(*([None] if profile.tries else []), fault)
        work_on(profile.pk)
        assert profile.state == "PENDING"
        state_of(profile)
        let_time_pass(profile)
    work_on(profile.pk)

    assert profile.state == "FAILED"
    assert profile.tries == voice_claims.MOST_TRIES
    assert len(vendor.asked(ADD)) == voice_claims.MOST_TRIES


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (StorageUnavailable("u/sample.wav: EndpointConnectionError"), "storage_unavailable"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
    ],
)
def test_recordings_that_cannot_be_read_now_are_waited_for_and_count_as_no_try(
    owner, vendor, monkeypatch, caplog, trouble, code
):
    profile = create(owner)
    with monkeypatch.context() as patch:
        patch.setattr(DurableStorage, "_open", Mock(side_effect=trouble))
        for _ in range(voice_claims.MOST_TRIES + 1):
            work_on(profile.pk)
            assert state_of(profile) == ("PENDING", "", 0)
            assert timedelta(minutes=4) < profile.due_at - timezone.now() < timedelta(minutes=6)
            let_time_pass(profile)

    work_on(profile.pk)

    assert code in caplog.text
    assert state_of(profile) == ("READY", "", 1)
    assert len(vendor.asked(ADD)) == 1


def test_recordings_that_cannot_be_read_for_days_end_the_voice_with_that_reason(owner, vendor, monkeypatch):
    profile = create(owner)
    VoiceProfile.objects.update(created_at=timezone.now() - voice_claims.GIVE_UP_AFTER - timedelta(minutes=1))
    monkeypatch.setattr(DurableStorage, "_open", Mock(side_effect=StorageUnavailable))

    work_on(profile.pk)

    assert state_of(profile) == ("FAILED", "storage_unavailable", 1)


def test_postponed_voice_is_not_asked_for_before_its_time(owner, vendor):
    profile = create(owner)
    vendor.fail(wire.status(500))

    for _ in range(3):
        work_on(profile.pk)

    assert state_of(profile) == ("PENDING", "", 1)
    assert timedelta(seconds=40) < profile.due_at - timezone.now() < timedelta(seconds=61)


def test_moment_that_the_vendor_named_is_waited_for_and_counts_as_no_try(owner, vendor):
    profile = create(owner)
    vendor.fail(wire.status(429, Retry_After="600"))

    work_on(profile.pk)

    assert state_of(profile) == ("PENDING", "", 1)
    assert timedelta(seconds=590) < profile.due_at - timezone.now() < timedelta(seconds=601)


def test_voice_that_was_made_though_a_moment_was_named_is_found_and_not_made_twice(owner, vendor, monkeypatch):
    profile = create(owner)
    learn = ElevenLabsCloner.learn

    def learn_and_be_told_to_wait(cloner, request):
        learn(cloner, request)
        raise RateLimited("rate_limited", timezone.now() + timedelta(seconds=10))

    with monkeypatch.context() as patch:
        patch.setattr(ElevenLabsCloner, "learn", learn_and_be_told_to_wait)
        work_on(profile.pk)
    let_time_pass(profile)
    work_on(profile.pk)

    assert state_of(profile) == ("READY", "", 2)
    assert len(vendor.asked(ADD)) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (wire.status(400, "voice_limit_reached"), "voice_places_full"),
        (wire.status(403, "can_not_use_instant_voice_cloning"), "cloning_not_included"),
        (wire.status(422, "bad_samples"), "vendor_refuses_request"),
    ],
)
def test_refusal_ends_the_voice_with_its_reason(owner, vendor, fault, code):
    profile = create(owner)
    vendor.fail(fault)

    work_on(profile.pk)

    assert state_of(profile) == ("FAILED", code, 1)
    let_time_pass(profile)
    work_on(profile.pk)
    assert len(vendor.calls) == 1


def test_voice_that_needs_proof_is_given_back_and_ended(owner, vendor):
    profile = create(owner)
    vendor.needs_verification = True

    work_on(profile.pk)

    assert state_of(profile) == ("FAILED", "voice_needs_proof", 1)
    assert names_at(vendor) == []


def test_voice_that_needs_proof_is_not_taken_for_learned_after_its_worker_was_killed(owner, vendor, monkeypatch):
    profile = create(owner)
    vendor.needs_verification = True
    with monkeypatch.context() as patch:
        patch.setattr("apps.pipeline.voice_learning._require_usable", be_killed)
        with pytest.raises(SystemExit):
            work_on(profile.pk)
    assert names_at(vendor) == [vendor_name(profile)]
    VoiceProfile.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    work_on(profile.pk)

    assert state_of(profile) == ("FAILED", "voice_needs_proof", 2)
    assert names_at(vendor) == []


def be_killed(*_: object) -> None:
    raise SystemExit


def test_voice_whose_worker_dies_every_time_is_ended(owner, vendor, monkeypatch):
    profile = create(owner)
    VoiceProfile.objects.update(tries=voice_claims.MOST_TRIES - 1)

    def die(*arguments):
        raise SystemExit

    monkeypatch.setattr(ElevenLabsCloner, "find", die)
    with pytest.raises(SystemExit):
        work_on(profile.pk)
    let_time_pass(profile)
    sweep.sweep("quick")

    assert state_of(profile) == ("FAILED", "worker_lost", voice_claims.MOST_TRIES)


def test_deleted_voice_is_deleted_at_the_vendor(owner, vendor):
    profile, other = create(owner), create(owner, 2)
    for each in (profile, other):
        work_on(each.pk)

    delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())
    for _ in range(2):
        work_on(profile.pk)

    profile.refresh_from_db()
    assert profile.vendor_cleared_at is not None
    assert names_at(vendor) == [vendor_name(other)]
    assert len(vendor.asked("/v1/voices/[a-z0-9]{20}")) == 1


def test_vendor_that_does_not_answer_is_asked_again_until_the_voice_is_gone(owner, vendor):
    profile = create(owner)
    work_on(profile.pk)
    delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())
    vendor.fail(wire.status(500), None, wire.status(503))

    for _ in range(3):
        work_on(profile.pk)
        let_time_pass(profile)
        OrmQ.objects.all().delete()
        VoiceProfile.objects.update(hinted_at=None)
        sweep.sweep("quick")

    profile.refresh_from_db()
    assert profile.vendor_cleared_at is not None
    assert names_at(vendor) == []
    assert waiting() == []


def test_voice_that_is_gone_at_the_vendor_already_is_cleared(owner, vendor):
    profile = create(owner)
    work_on(profile.pk)
    vendor.voices.clear()

    delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())
    work_on(profile.pk)

    profile.refresh_from_db()
    assert profile.vendor_cleared_at is not None


def test_voice_that_was_never_asked_for_needs_no_vendor(owner, vendor):
    profile = create(owner)

    delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())
    work_on(profile.pk)

    assert vendor.calls == []


def test_voice_deleted_while_it_is_learned_is_cleared_when_the_vendor_is_done(owner, vendor, monkeypatch):
    profile = create(owner)
    learn = ElevenLabsCloner.learn

    def delete_meanwhile(cloner, request):
        delete_profile(user=owner, profile_id=profile.pk, at=timezone.now())
        work_on(profile.pk)
        return learn(cloner, request)

    monkeypatch.setattr(ElevenLabsCloner, "learn", delete_meanwhile)
    work_on(profile.pk)
    between = names_at(vendor)
    let_time_pass(profile)
    work_on(profile.pk)

    profile.refresh_from_db()
    assert (between, names_at(vendor)) == ([vendor_name(profile)], [])
    assert (profile.state, profile.provider_voice_id) == ("PROCESSING", "")
    assert profile.vendor_cleared_at is not None


def test_erased_user_leaves_no_voice_at_the_vendor(owner, vendor):
    profile = create(owner)
    work_on(profile.pk)

    erase_user(user=owner, at=timezone.now())
    work_on(profile.pk)

    profile.refresh_from_db()
    assert (profile.name, profile.vendor_cleared_at is not None, names_at(vendor)) == ("", True, [])


def test_forgetting_voices_twice_changes_nothing_more(owner, vendor):
    profile = create(owner)
    first = timezone.now()

    forget_voices(user=owner, at=first)
    forget_voices(user=owner, at=first + timedelta(days=1))

    profile.refresh_from_db()
    assert profile.deleted_at == first


def test_ready_voice_is_offered_to_its_owner_alone(owner, stranger, vendor):
    profile = create(owner)
    before = own_voices(owner)
    work_on(profile.pk)

    (mine,) = own_voices(owner)

    profile.refresh_from_db()
    assert before == []
    assert (mine.key, mine.speaker, mine.voice.voice_id) == (str(profile.pk), "elevenlabs", profile.provider_voice_id)
    assert own_voices(stranger) == []
    assert profile.provider_voice_id not in {each.voice.voice_id for each in current_offer().voices}
