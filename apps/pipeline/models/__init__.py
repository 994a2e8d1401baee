from apps.pipeline.models.artifact import Artifact
from apps.pipeline.models.asset import Asset
from apps.pipeline.models.job import Job
from apps.pipeline.models.job_step import JobStep, StepAttempt
from apps.pipeline.models.project import Project
from apps.pipeline.models.provider_call import ProviderCall
from apps.pipeline.models.share_link import ShareLink
from apps.pipeline.models.turn_clock import TurnClock
from apps.pipeline.models.voice_profile import VoiceProfile, VoiceProfileState, VoiceSample
from apps.pipeline.models.worker_beat import FORGOTTEN_AFTER, SILENT_AFTER, WorkerBeat

__all__ = [
    "FORGOTTEN_AFTER",
    "SILENT_AFTER",
    "Artifact",
    "Asset",
    "Job",
    "JobStep",
    "Project",
    "ProviderCall",
    "ShareLink",
    "StepAttempt",
    "TurnClock",
    "VoiceProfile",
    "VoiceProfileState",
    "VoiceSample",
    "WorkerBeat",
]
