"""One sentence as the voice step would say it, as a small MP3, made in a process that may use little of anything.

`python -m apps.pipeline.render.voice_sample` reads a request from stdin and writes an answer to stdout. It knows no
Django. A web process calls `spoken_sample`: a native library that crashes or hangs takes nothing else with it.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from apps.pipeline.contracts import FPS
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError, Rejected, Transient
from apps.pipeline.providers.speaker.base import Speaker, SpeechRequest
from apps.pipeline.providers.speaker.soundness import check_speech
from apps.pipeline.render.loudness import level
from apps.pipeline.render.narration import encode_mp3, join_takes, write_take
from apps.pipeline.render.process import CHILD_ENVIRONMENT, GIB, Limits, run_child

_ROOT = Path(__file__).resolve().parents[3]
# About 0.6 s of CPU; the rest is for a machine that renders films beside it.
_LIMITS = Limits(deadline_seconds=8.0, memory_bytes=2 * GIB, file_bytes=64 * 1024**2)


@dataclass(frozen=True)
class SampleRequest:
    """`speaker` is the name of a built-in provider; a vendor's has spoken already and is in `pcm`, mono 16-bit."""

    speaker: str
    speech: SpeechRequest
    pcm: bytes = b""
    sample_rate: int = 0


@dataclass(frozen=True)
class _Answer:
    """The MP3, or why there is none: with a sentence a refusal, without one a trouble that may pass."""

    mp3: bytes = b""
    code: str = ""
    sentence: str = ""


def spoken_sample(request: SampleRequest) -> bytes:
    """Return the MP3 at the films' loudness; 8 s at most.

    Raises Rejected as the speaker does, Transient for bad audio, and ChildFailed or ChildTimedOut.
    """
    argv = [sys.executable, "-m", "apps.pipeline.render.voice_sample"]
    # The child may be killed: its files are in a folder that this process deletes.
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**CHILD_ENVIRONMENT, "TMPDIR": scratch}
        out, _ = run_child(argv, _LIMITS, stdin=msgspec.json.encode(request), folder=_ROOT, environment=environment)
    answer = msgspec.json.decode(out, type=_Answer)
    if answer.sentence:
        raise Rejected(answer.code, answer.sentence)
    if answer.code:
        raise Transient(answer.code, "the sample could not be spoken")
    return answer.mp3


def main() -> int:
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=SampleRequest)
    sys.stdout.buffer.write(msgspec.json.encode(_answered(request)))
    return 0


def _answered(request: SampleRequest) -> _Answer:
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _Answer(_made(request, Path(folder)))
    except Rejected as error:
        return _Answer(code=error.code, sentence=error.sentence)
    except PipelineError as error:
        return _Answer(code=error.code)


def _made(request: SampleRequest, folder: Path) -> bytes:
    pcm, sample_rate = (request.pcm, request.sample_rate) if request.pcm else _said(request)
    take, raw, levelled, mp3 = (folder / name for name in ("take.wav", "raw.wav", "levelled.wav", "sample.mp3"))
    write_take(pcm, sample_rate, take)
    (placement,) = join_takes([take], [True], raw)
    seconds = placement.frames / FPS
    level(raw, levelled, seconds=seconds)
    encode_mp3(levelled, mp3, seconds=seconds)
    return mp3.read_bytes()


def _said(request: SampleRequest) -> tuple[bytes, int]:
    speaker: Speaker = registry.provider("speaker", request.speaker)
    speech = speaker.speak(request.speech)
    check_speech(speech, request.speech)
    return speech.pcm, speech.sample_rate


if __name__ == "__main__":
    raise SystemExit(main())
