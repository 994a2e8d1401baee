"""A user's voice at the vendor: learned from its recordings, and deleted when the user deletes theirs."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.core.files.storage import storages
from django.utils import timezone

from apps.pipeline import voice_claims
from apps.pipeline.blobs import storage_trouble
from apps.pipeline.calls import recorded_alone
from apps.pipeline.models import VoiceProfile, VoiceSample
from apps.pipeline.providers import registry
from apps.pipeline.providers.cloner.base import Clone, Cloner, CloneRequest, FoundVoice
from apps.pipeline.providers.errors import PipelineError, RateLimited, Rejected
from apps.pipeline.render.narration import encode_mp3
from apps.pipeline.scratch import scratch_folder
from apps.pipeline.voice_claims import Claim, LeaseLost
from canvascast.logs import get_logger

log = get_logger("voices")

_OUR_TROUBLE = frozenset({"storage_unavailable", "disk_full"})
_OUR_TROUBLE_WAIT = timedelta(minutes=5)


def work_on(profile_id: UUID) -> None:
    """Learn the voice or clear it at the vendor, if that is due; of many calls at once one does."""
    claim = voice_claims.claim(profile_id)
    if claim is None:
        return
    try:
        _work(claim, recorded_alone(registry.provider("cloner", claim.profile.provider), "cloner"))
    except LeaseLost:
        voice_claims.let_go(claim)


def vendor_name(profile: VoiceProfile) -> str:
    """Return the voice's name at the vendor: its own for good, and it tells nothing about its owner."""
    return f"canvascast-{profile.pk}"


def _work(claim: Claim, cloner: Cloner) -> None:
    is_deleted = claim.profile.deleted_at is not None
    try:
        (_clear if is_deleted else _learn)(claim, cloner)
    except RateLimited as error:
        voice_claims.postpone(claim, code=error.code, until=error.after)
    except PipelineError as error:
        if error.code in _OUR_TROUBLE:
            # The vendor was not asked to learn anything, so it is no try.
            until = timezone.now() + _OUR_TROUBLE_WAIT
            voice_claims.postpone(claim, code=error.code, until=until, was_asked=False)
        elif not is_deleted and (isinstance(error, Rejected) or error.code == "vendor_refuses_request"):
            voice_claims.give_up(claim, code=error.code)
        else:
            voice_claims.postpone(claim, code=error.code)


def _learn(claim: Claim, cloner: Cloner) -> None:
    profile = claim.profile
    # The first try's answer may have been lost on its way here.
    made_before = cloner.find(vendor_name(profile)) if profile.tries > 1 else ()
    if made_before:
        _require_usable(made_before[0], cloner)
        voice_claims.record_learned(claim, made_before[0].voice_id)
        log.info("voice_found", profileId=str(profile.pk), tries=profile.tries)
        return
    request = CloneRequest(vendor_name(profile), _recordings(profile))
    voice_claims.renew(claim)
    clone = cloner.learn(request)
    _require_usable(clone, cloner)
    voice_claims.record_learned(claim, clone.voice_id)
    log.info("voice_learned", profileId=str(profile.pk), provider=cloner.name, tries=profile.tries)


def _require_usable(voice: Clone | FoundVoice, cloner: Cloner) -> None:
    if voice.needs_proof:
        cloner.forget(voice.voice_id)
        raise Rejected("voice_needs_proof", "The voice service wants proof of whose voice this is.")


def _clear(claim: Claim, cloner: Cloner) -> None:
    """Delete what the vendor has under the voice's id and under its name: a lost answer leaves no id here."""
    profile = claim.profile
    known = [profile.provider_voice_id] if profile.provider_voice_id else []
    found = [voice.voice_id for voice in cloner.find(vendor_name(profile))]
    for voice_id in dict.fromkeys([*known, *found]):
        cloner.forget(voice_id)
    voice_claims.record_cleared(claim, timezone.now())
    log.info("voice_cleared", profileId=str(profile.pk), provider=cloner.name)


def _recordings(profile: VoiceProfile) -> tuple[bytes, ...]:
    """Raises Transient where they cannot be read now, and Rejected where one is gone."""
    with storage_trouble(), scratch_folder() as folder:
        samples = profile.samples.order_by("created_at", "pk")
        return tuple(_as_mp3(sample, folder) for sample in samples)


def _as_mp3(sample: VoiceSample, folder: Path) -> bytes:
    """The vendor takes 10 MB a file; three minutes of MP3 are 3."""
    raw, packed = folder / f"{sample.pk}.wav", folder / f"{sample.pk}.mp3"
    try:
        with storages["voice-samples"].open(sample.storage_name) as stored, raw.open("wb") as copy:
            shutil.copyfileobj(stored, copy, 1 << 20)
    except FileNotFoundError as error:
        raise Rejected("file_missing", "A recording of this voice could not be found again.") from error
    encode_mp3(raw, packed, seconds=sample.duration_ms / 1_000)
    return packed.read_bytes()
