import shutil

import numpy as np
import pytest

from apps.pipeline.render.build_kernel import build
from apps.pipeline.render.canvas import Grid
from apps.pipeline.render.kernel_c import CompiledKernel, library_path
from apps.pipeline.render.kernels import cubic_taps, load_kernel

GRIDS = [
    Grid(320, 180, 3.3, 0.8, 2.7, 0.83),
    Grid(180, 320, 0.0, 1.0, 0.0, 0.5),
    Grid(90, 46, -0.25, 0.97, 0.0, 1.0),
    Grid(64, 64, -5.0, 1.0, 150.0, 1.0),
    Grid(31, 7, 40.125, 0.01, 9.5, 0.0),
]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    if shutil.which("cc") is None:
        pytest.skip("no C compiler on this machine")
    try:
        return CompiledKernel(build(tmp_path_factory.mktemp("kernel") / library_path().name))
    except OSError as error:
        pytest.skip(f"the compiled kernel cannot be loaded here: {error}")


@pytest.fixture(params=["numba", "c"])
def kernel(request):
    return load_kernel("numba") if request.param == "numba" else request.getfixturevalue("compiled")


@pytest.fixture
def picture():
    noise = np.random.default_rng(7).integers(0, 256, (200, 330)).astype(np.float32)
    smooth = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, 1, (0, 1))) / 4
    return smooth.astype(np.uint8)


def exact(plane, grid):
    """The same picture in double precision, rounded once."""
    across = cubic_taps(grid.left, grid.step_x, grid.width, plane.shape[1])
    down = cubic_taps(grid.top, grid.step_y, grid.height, plane.shape[0])
    rows = (plane[:, across.indices] * across.weights).sum(axis=2)
    return (rows[down.indices] * down.weights[:, :, None]).sum(axis=1).clip(0, 255)


def resampled(kernel, plane, grid):
    target = np.full((grid.height, grid.width + 32), 99, np.uint8)
    kernel.resample(kernel.prepare(plane), grid, target)
    assert (target[:, grid.width :] == 99).all()
    return target[:, : grid.width].astype(int)


@pytest.mark.parametrize("grid", GRIDS)
def test_resampled_plane_is_the_exact_one_within_a_level(kernel, picture, grid):
    assert np.abs(resampled(kernel, picture, grid) - exact(picture, grid)).max() <= 1


@pytest.mark.parametrize("grid", GRIDS)
def test_both_kernels_agree_within_a_level(compiled, picture, grid):
    difference = resampled(compiled, picture, grid) - resampled(load_kernel("numba"), picture, grid)

    assert np.abs(difference).max() <= 1


def test_both_kernels_blend_and_lay_over_alike(compiled, picture):
    under, over = picture[:64, :64].copy(), picture[64:128, :64].copy()
    alpha = picture[:16, 100:130].copy()
    colour = (alpha.astype(int) * 200 // 255).astype(np.uint8)
    results = []

    for kernel in (compiled, load_kernel("numba")):
        target = under.copy()
        kernel.blend(target, over, 77)
        kernel.lay_over(target, 12, 20, colour, alpha)
        results.append(target)

    assert (results[0] == results[1]).all()


@pytest.mark.parametrize("level", [16, 128, 235, 255])
def test_flat_plane_stays_flat(kernel, level):
    plane = np.full((40, 50), level, np.uint8)

    assert set(resampled(kernel, plane, Grid(64, 48, 0.3, 0.7, 0.1, 0.77)).ravel()) == {level}


def test_whole_view_of_equal_size_is_the_picture_itself(kernel, picture):
    rows, columns = picture.shape

    assert (resampled(kernel, picture, Grid(columns, rows, 0.0, 1.0, 0.0, 1.0)) == picture).all()


def test_tiny_still_is_repeated_at_its_edges(kernel):
    plane = np.array([[10, 20], [30, 40]], np.uint8)

    assert resampled(kernel, plane, Grid(8, 2, -9.0, 1.0, 0.0, 1.0))[:, 0].tolist() == [10, 30]


@pytest.mark.parametrize(("weight", "expected"), [(0, 100), (64, 125), (128, 150), (256, 200)])
def test_blend_moves_from_one_plane_to_the_other(kernel, weight, expected):
    target = np.full((4, 32), 100, np.uint8)

    kernel.blend(target, np.full((4, 32), 200, np.uint8), weight)

    assert set(target.ravel()) == {expected}


def test_patch_covers_by_its_alpha_and_touches_nothing_else(kernel):
    target = np.full((6, 40), 100, np.uint8)
    colour, alpha = np.array([[235, 60, 0]], np.uint8), np.array([[255, 128, 0]], np.uint8)

    kernel.lay_over(target, 4, 3, colour, alpha)

    assert target[3, 4:7].tolist() == [235, 110, 100]
    assert (np.delete(target, [4, 5, 6], axis=1) == 100).all()


def test_weights_sum_to_the_whole_for_every_point():
    taps = cubic_taps(-0.37, 0.731, 500, 300)

    assert set(taps.whole(1 << 14).sum(axis=1, dtype=int)) == {1 << 14}


def test_kernel_asked_for_by_name_but_not_built_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="make kernel"):
        CompiledKernel(tmp_path / "none.so")
