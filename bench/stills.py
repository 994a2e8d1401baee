"""Ten detailed stills, 1792x1024: gradients and textures, lit shapes with crisp edges, fine strokes, a little grain."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1792, 1024
COUNT = 10
_SHAPES = 46
_STROKES = 220

Plane = NDArray[np.float32]


def write_stills(folder: Path) -> list[Path]:
    """Return the stills' paths in `folder`; what is not there yet is drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"still_{number:02d}.png" for number in range(COUNT)]
    for number, path in enumerate(paths):
        if not path.exists():
            cv2.imwrite(str(path), _Artist(number).draw()[..., ::-1])
    return paths


class _Artist:
    """Draws one still; the same number gives the same picture."""

    def __init__(self, number: int) -> None:
        self._noise = np.random.default_rng(1000 + number)
        self._choice = random.Random(number)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        self._y, self._x = rows / HEIGHT, columns / WIDTH
        self._coarse, self._fine = self._texture(1.35), self._texture(0.9)

    def draw(self) -> NDArray[np.uint8]:
        picture = self._background()
        for _ in range(_SHAPES):
            picture = self._with_shape(picture)
        for _ in range(_STROKES):
            self._stroke(picture)
        picture += self._noise.standard_normal((HEIGHT, WIDTH, 1)).astype(np.float32) * 1.2
        return np.clip(picture, 0, 255).astype(np.uint8)

    def _texture(self, roughness: float) -> Plane:
        """Noise whose amplitude falls with frequency to the power of `roughness`, of mean 0 and deviation 1."""
        frequency = np.hypot(np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None, :])
        frequency[0, 0] = 1
        shape = (HEIGHT, WIDTH // 2 + 1)
        spectrum = self._noise.standard_normal(shape) + 1j * self._noise.standard_normal(shape)
        noise = np.fft.irfft2(spectrum / frequency**roughness, s=(HEIGHT, WIDTH))
        return ((noise - noise.mean()) / noise.std()).astype(np.float32)

    def _background(self) -> Plane:
        angle = self._noise.uniform(0, 2 * np.pi)
        slope = np.cos(angle) * self._x + np.sin(angle) * self._y
        slope = ((slope - slope.min()) / np.ptp(slope))[..., None]
        dark, light = self._noise.uniform(20, 200, 3), self._noise.uniform(20, 220, 3)
        picture = dark * (1 - slope) + light * slope
        for channel in range(3):
            picture[..., channel] += self._coarse * self._noise.uniform(12, 26) + self._fine * self._noise.uniform(3, 7)
        return np.asarray(picture, np.float32)

    def _with_shape(self, picture: Plane) -> Plane:
        centre = (self._choice.randrange(2 * WIDTH), self._choice.randrange(2 * HEIGHT))
        mask = self._mask(centre, min(int(self._choice.paretovariate(1.3) * 36), 700))
        colour = self._noise.uniform(0, 255, 3).astype(np.float32)
        tilt_x, tilt_y = self._choice.uniform(-2, 2), self._choice.uniform(-2, 2)
        light = 1 + 0.5 * ((self._x - centre[0] / 2 / WIDTH) * tilt_x + (self._y - centre[1] / 2 / HEIGHT) * tilt_y)
        opacity = self._choice.uniform(0.55, 1) * mask[..., None]
        surface = colour * np.clip(light, 0.3, 1.7)[..., None] + (self._fine * self._choice.uniform(2, 9))[..., None]
        return np.asarray(picture * (1 - opacity) + opacity * surface, np.float32)

    def _mask(self, centre: tuple[int, int], size: int) -> Plane:
        """A filled ellipse, a filled polygon or an open line, drawn twice as large and reduced."""
        mask = np.zeros((2 * HEIGHT, 2 * WIDTH), np.uint8)
        kind = self._choice.random()
        if kind < 0.4:
            axes = (size, int(size * self._choice.uniform(0.3, 1)))
            cv2.ellipse(mask, centre, axes, self._choice.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        elif kind < 0.8:
            cv2.fillPoly(mask, [self._corners(centre, size, self._choice.randrange(3, 9))], 255, cv2.LINE_AA)
        else:
            width = self._choice.randrange(2, 12)
            cv2.polylines(mask, [self._corners(centre, 2 * size, 4)], False, 255, width, cv2.LINE_AA)
        return cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255

    def _corners(self, centre: tuple[int, int], size: int, count: int) -> NDArray[np.int32]:
        angles = [2 * np.pi * corner / count + self._choice.uniform(-0.3, 0.3) for corner in range(count)]
        reach = [size * self._choice.uniform(0.5, 1) for _ in range(count)]
        corners = [(centre[0] + r * np.cos(a), centre[1] + r * np.sin(a)) for a, r in zip(angles, reach, strict=True)]
        return np.array(corners, np.int32)

    def _stroke(self, picture: Plane) -> None:
        x, y = self._choice.randrange(WIDTH), self._choice.randrange(HEIGHT)
        end = (x + self._choice.randint(-9, 9), y + self._choice.randint(-9, 9))
        colour = tuple(float(level) for level in self._noise.uniform(120, 255, 3))
        cv2.line(picture, (x, y), end, colour, self._choice.choice([1, 1, 2]), cv2.LINE_AA)
