"""Word times by Whisper on this machine: it is not asked what was said, only when the known words are heard.

openai-whisper and torch are an extra (`make whisper`). Nothing is downloaded here: weights are put into their folder by
an operator, as the README says.
"""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.aligner.hearing import sound_of, two_letters
from apps.pipeline.providers.aligner.known_words import TimedText, heard_in, text_of
from apps.pipeline.providers.aligner.placing import placed
from apps.pipeline.providers.errors import PipelineError, Rejected
from apps.pipeline.providers.usage import Usage
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.render.energy import Mono
from apps.pipeline.render.wav import wav_samples

if TYPE_CHECKING:
    from whisper import Whisper
    from whisper.tokenizer import Tokenizer

_THREADS = 2
"""A machine runs several workers, and each would otherwise take all cores."""
_LONGEST_SECONDS = 30.0
"""The model's window."""
_TOKENS_BESIDE_TEXT = 8


class WhisperAligner:
    """Whisper of the account's model "hearing", a name or a file; `base_url` is its folder, as file://…

    The model is loaded at the first scene, once a process, and serves one scene at a time.
    """

    name = "whisper"
    account_name = "whisper"

    def __init__(self, account: Account) -> None:
        self.account = account
        self.identity = f"whisper {Path(account.model('hearing')).stem}, times 1"
        self._lock = threading.Lock()

    def align(self, request: AlignRequest) -> Alignment:
        """Time the request's words.

        Raises Rejected("scene_too_long") over 30 s, Rejected("no_word_times") for a language that the model does not
        know, and PipelineError("whisper_unusable") without its program or weights.
        """
        samples = wav_samples(request.audio)[:, 0]
        if len(samples) > _LONGEST_SECONDS * SAMPLE_RATE:
            raise _too_long(f"{len(samples) / SAMPLE_RATE:.1f} s")
        said = text_of(request.tokens)
        with self._lock:
            pieces = _timed(self._model, said.text, two_letters(request.language), samples)
        return Alignment(placed(request.tokens, heard_in(said, pieces), samples), Usage(self.identity), self.name)

    def weights(self) -> Path:
        """Return the file of the weights, which is not read. Raises PipelineError("whisper_unusable") without one."""
        try:
            import whisper
        except ImportError as error:
            raise PipelineError("whisper_unusable", "openai-whisper is not installed: make whisper") from error
        return _weights(whisper, self.account)

    @cached_property
    def _model(self) -> Whisper:
        try:
            import torch
            import whisper
        except ImportError as error:
            raise PipelineError("whisper_unusable", "openai-whisper is not installed: make whisper") from error
        torch.set_num_threads(min(_THREADS, torch.get_num_threads()))
        weights = _weights(whisper, self.account)
        try:
            return _loaded(whisper, weights)
        except (OSError, RuntimeError, LookupError, TypeError, ValueError, EOFError, UnpicklingError) as error:
            raise PipelineError("whisper_unusable", f"{weights} cannot be read: {type(error).__name__}") from error


def _weights(whisper: Any, account: Account) -> Path:  # Any: the module, which has no types
    """Return the file of the model's weights: one that is named, or the official one of that name in the folder."""
    named = account.model("hearing")
    folder = Path(unquote(urlsplit(account.base_url).path))
    official = whisper._MODELS.get(named, "").rsplit("/", 1)[-1]
    path = folder / (official or named)
    if not path.is_file():
        raise PipelineError("whisper_unusable", f"the weights {path.name} are not in {folder}")
    return path


def _loaded(whisper: Any, weights: Path) -> Whisper:  # Any: as above
    model = whisper.load_model(str(weights), device="cpu")
    # One that is loaded from a file is not told which of its heads follow the words.
    heads = whisper._ALIGNMENT_HEADS.get(weights.stem)
    if heads is not None:
        model.set_alignment_heads(heads)
    return model


def _timed(model: Whisper, text: str, language: str, samples: Mono) -> list[TimedText]:
    """Return `text` in Whisper's own pieces, each with its time."""
    import whisper
    from whisper.timing import find_alignment

    tokenizer = _tokenizer(model, language)
    tokens = tokenizer.encode(text)
    if len(tokens) > model.dims.n_text_ctx - _TOKENS_BESIDE_TEXT:
        raise _too_long(f"{len(tokens)} tokens")
    mel = whisper.log_mel_spectrogram(sound_of(samples), model.dims.n_mels, padding=whisper.audio.N_SAMPLES)
    frames = max(len(samples) * whisper.audio.FRAMES_PER_SECOND // SAMPLE_RATE, 2)
    window = whisper.pad_or_trim(mel, whisper.audio.N_FRAMES).to(model.device)
    return [
        TimedText(word.word, float(word.start), float(word.end), float(word.probability))
        for word in find_alignment(model, tokenizer, tokens, window, frames)
    ]


def _tokenizer(model: Whisper, language: str) -> Tokenizer:
    from whisper.tokenizer import LANGUAGES, get_tokenizer

    known = LANGUAGES if model.is_multilingual else {"en"}
    if language not in known:
        raise Rejected("no_word_times", f"The words of this language ({language}) cannot be timed here.")
    return get_tokenizer(model.is_multilingual, num_languages=model.num_languages, language=language, task="transcribe")


def _too_long(detail: str) -> Rejected:
    return Rejected("scene_too_long", "One scene is too long for its words to be timed.", detail)
