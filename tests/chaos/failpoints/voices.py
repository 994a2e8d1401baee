"""Flows of users' own voices: kept, learned at the vendor, cleared there; and samples that are bought."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.pipeline import voice_claims
from apps.pipeline.models import VoiceProfile, VoiceSample
from apps.pipeline.offered_voices import current_offer
from apps.pipeline.voice_claims import MOST_TRIES
from apps.pipeline.voice_previews import make_sample
from apps.pipeline.voice_profiles import create_profile, delete_profile
from canvascast.errors import NotFound
from tests.chaos.failpoints.people import be_erased, leave
from tests.chaos.failpoints.stage import Flow, Memory, Outside, work
from tests.chaos.failpoints.world import World, arrive, user_id, user_of
from tests.media.recordings import tone


def keep_a_voice(memory: Memory) -> None:
    """Whoever got no answer looks at the list of voices before they send it again."""
    if not VoiceProfile.objects.filter(user_id=memory["user"]).exists():
        file = SimpleUploadedFile("me.wav", tone(1.2))
        create_profile(user=user_of(memory), name="Mine", consent=True, files=[file], at=timezone.now())
    memory["voice"] = str(VoiceProfile.objects.get(user_id=memory["user"]).pk)


def delete_the_voice(memory: Memory) -> None:
    try:
        delete_profile(
            user=user_of(memory), profile_id=VoiceProfile.objects.get(pk=memory["voice"]).pk, at=timezone.now()
        )
    except NotFound:
        """It is gone already."""


def hear_a_sample(memory: Memory) -> None:
    offered = next(each for each in current_offer().voices if each.speaker == "elevenlabs")
    make_sample(
        user_id=user_id(memory),
        text=f"A sample for {memory['user']}.",
        offered=offered,
        words_per_minute=150,
        before_buying=lambda: None,
    )


def wear_out(memory: Memory) -> None:
    VoiceProfile.objects.filter(pk=memory["voice"]).update(
        state="PROCESSING", tries=MOST_TRIES, holder=memory["voice"], lease_until=timezone.now()
    )


def wants_proof(world: World, wants: bool) -> Outside:
    return Outside(lambda memory: setattr(world.vendor, "needs_verification", wants))


def an_answer_was_lost(memory: Memory) -> None:
    """The first try's: nobody here knows whether the vendor has learned it."""
    VoiceProfile.objects.filter(pk=memory["voice"]).update(tries=1)


def lose_it_to_its_owner(memory: Memory) -> None:
    """The voice is deleted while a worker is about to learn it."""
    claim = voice_claims.claim(VoiceProfile.objects.get(pk=memory["voice"]).pk)
    delete_the_voice(memory)
    if claim is not None:
        voice_claims.let_go(claim)


def is_learned(world: World):
    def is_learned(memory: Memory) -> None:
        profile = VoiceProfile.objects.get(pk=memory["voice"])
        assert profile.state == "READY"
        at_vendor = [each for each in world.vendor.voices if each["name"] == f"canvascast-{profile.pk}"]
        assert [each["voice_id"] for each in at_vendor] == [profile.provider_voice_id]

    return is_learned


def is_cleared(world: World):
    def is_cleared(memory: Memory) -> None:
        profile = VoiceProfile.objects.get(pk=memory["voice"])
        assert profile.deleted_at is not None
        assert profile.vendor_cleared_at is not None
        assert not [each for each in world.vendor.voices if each["name"] == f"canvascast-{profile.pk}"]
        assert not VoiceSample.objects.filter(profile=profile).exists()

    return is_cleared


def failed(code: str):
    def failed(memory: Memory) -> None:
        profile = VoiceProfile.objects.get(pk=memory["voice"])
        assert (profile.state, profile.error_code) == ("FAILED", code)

    return failed


def flows(world: World) -> tuple[Flow, ...]:
    start = Outside(arrive)
    return (
        Flow("learns a voice", (start, keep_a_voice, work), is_learned(world)),
        Flow("deletes it", (start, keep_a_voice, work, delete_the_voice, work), is_cleared(world)),
        Flow("leaves with a voice", (start, keep_a_voice, work, leave, be_erased, work), is_cleared(world)),
        Flow("wears workers out", (start, keep_a_voice, Outside(wear_out), work), failed("worker_lost")),
        Flow("is found again", (start, keep_a_voice, Outside(an_answer_was_lost), work), is_learned(world)),
        Flow("deletes it while it is learned", (start, keep_a_voice, lose_it_to_its_owner, work), is_cleared(world)),
        Flow(
            "has to prove itself",
            (start, wants_proof(world, True), keep_a_voice, work, wants_proof(world, False)),
            failed("voice_needs_proof"),
        ),
        Flow("hears a sample", (start, hear_a_sample), lambda memory: None),
    )
