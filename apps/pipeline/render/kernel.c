/* The compiled kernel: what kernels.Kernel asks for, on 8-bit planes, for CPUs with AVX2.
 *
 * resample runs along the rows of the target. Each source row is resampled once, to 16-bit samples with 6 bits of
 * fraction, into a ring of four rows; a target row is then a weighted sum of the ring's rows. */
#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 8
#define AVX2 __attribute__((target("avx2")))

/* Four source samples and how much each counts. */
typedef struct {
    int indices[4];
    int16_t weights[4];
} Taps;

/* How to make LANES neighbouring samples out of 16 source bytes from `base`: shuffle and weigh two pairs of taps. */
typedef struct {
    __m256i shuffle_left, shuffle_right, weight_left, weight_right;
    int base;
} Group;

int kernel_is_supported(void) {
    return __builtin_cpu_supports("avx2") ? 1 : 0;
}

static int inside(int64_t index, int length) {
    return (int)(index < 0 ? 0 : index >= length ? length - 1 : index);
}

/* The four source samples around `point` and their weights in parts of `unit`, which they sum to: kernels.cubic_taps.
 * A weight of all 1 << 15 is one part short, as 16 bits hold no more. */
static Taps taps_at(double point, int length, int unit) {
    double left = floor(point), t = point - left, square = t * t, cube = square * t;
    double weights[4] = {square - 0.5 * (cube + t), 1.5 * cube - 2.5 * square + 1, 2 * square - 1.5 * cube + 0.5 * t,
                         0.5 * (cube - square)};
    int nearest = weights[2] > weights[1] ? 2 : 1, rest = unit;
    Taps taps;
    for (int i = 0; i < 4; i++) {
        int weight = (int)lrint(weights[i] * unit);
        taps.indices[i] = inside((int64_t)left - 1 + i, length);
        taps.weights[i] = (int16_t)(weight > INT16_MAX ? INT16_MAX : weight);
        rest -= taps.weights[i];
    }
    if (taps.weights[nearest] + rest <= INT16_MAX) taps.weights[nearest] += (int16_t)rest;
    return taps;
}

AVX2 static void fill_group(Group *group, double left, double step, int source_width) {
    uint8_t shuffle[2][32];
    int16_t weights[2][16];
    int base = inside((int64_t)floor(left) - 1, source_width - 15);
    for (int lane = 0; lane < LANES; lane++) {
        Taps taps = taps_at(left + lane * step, source_width, 1 << 14);
        for (int tap = 0; tap < 4; tap++) {
            shuffle[tap / 2][4 * lane + 2 * (tap % 2)] = (uint8_t)(taps.indices[tap] - base);
            shuffle[tap / 2][4 * lane + 2 * (tap % 2) + 1] = 0x80;
            weights[tap / 2][2 * lane + tap % 2] = taps.weights[tap];
        }
    }
    group->base = base;
    memcpy(&group->shuffle_left, shuffle[0], 32);
    memcpy(&group->shuffle_right, shuffle[1], 32);
    memcpy(&group->weight_left, weights[0], 32);
    memcpy(&group->weight_right, weights[1], 32);
}

AVX2 static inline __m256i eight_samples(const uint8_t *row, const Group *group) {
    __m256i bytes = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(row + group->base)));
    __m256i left = _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, group->shuffle_left), group->weight_left);
    __m256i right = _mm256_madd_epi16(_mm256_shuffle_epi8(bytes, group->shuffle_right), group->weight_right);
    return _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(left, right), _mm256_set1_epi32(128)), 8);
}

AVX2 static void resample_row(const uint8_t *source, const Group *groups, int count, int16_t *row) {
    for (int i = 0; i < count; i += 2) {
        __m256i packed = _mm256_packs_epi32(eight_samples(source, groups + i), eight_samples(source, groups + i + 1));
        _mm256_store_si256((__m256i *)(row + LANES * i), _mm256_permute4x64_epi64(packed, 0xD8));
    }
}

AVX2 static inline __m256i weighted(const int16_t *const rows[4], const int16_t *weights, int i) {
    __m256i sum = _mm256_set1_epi16(32);
    for (int tap = 0; tap < 4; tap++) {
        __m256i samples = _mm256_load_si256((const __m256i *)(rows[tap] + i));
        sum = _mm256_add_epi16(sum, _mm256_mulhrs_epi16(samples, _mm256_set1_epi16(weights[tap])));
    }
    return _mm256_srai_epi16(sum, 6);
}

AVX2 static void sum_rows(const int16_t *const rows[4], const int16_t *weights, uint8_t *target, int width) {
    int i = 0;
    for (; i + 32 <= width; i += 32) {
        __m256i packed = _mm256_packus_epi16(weighted(rows, weights, i), weighted(rows, weights, i + 16));
        _mm256_storeu_si256((__m256i *)(target + i), _mm256_permute4x64_epi64(packed, 0xD8));
    }
    for (; i < width; i++) {
        int sum = 32;
        for (int tap = 0; tap < 4; tap++) sum += (rows[tap][i] * weights[tap] + 16384) >> 15;
        sum >>= 6;
        target[i] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

/* Fill width x height samples of the target; sample (i, j) lies at column left + i * step_x and row top + j * step_y of
 * the source. source_width is at least 16 and step_x at most 1. Returns 0, or -1 when out of memory. */
AVX2 int kernel_resample(const uint8_t *source, ptrdiff_t source_stride, int source_width, int source_height,
                         double left, double step_x, double top, double step_y, uint8_t *target,
                         ptrdiff_t target_stride, int width, int height) {
    int count = (width + 31) / 32 * (32 / LANES), padded = count * LANES;
    Group *groups = aligned_alloc(32, sizeof(Group) * (size_t)count);
    int16_t *ring = aligned_alloc(32, sizeof(int16_t) * 4 * (size_t)padded);
    int held[4] = {-1, -1, -1, -1};
    int ready = groups != NULL && ring != NULL;
    for (int i = 0; ready && i < count; i++)
        fill_group(groups + i, left + i * LANES * step_x, step_x, source_width);
    for (int line = 0; ready && line < height; line++) {
        Taps taps = taps_at(top + line * step_y, source_height, 1 << 15);
        const int16_t *rows[4];
        for (int tap = 0; tap < 4; tap++) {
            int row = taps.indices[tap];
            int16_t *slot = ring + (row & 3) * padded;
            if (held[row & 3] != row) resample_row(source + row * source_stride, groups, count, slot);
            held[row & 3] = row;
            rows[tap] = slot;
        }
        sum_rows(rows, taps.weights, target + line * target_stride, width);
    }
    free(groups);
    free(ring);
    return ready ? 0 : -1;
}

AVX2 void kernel_blend(uint8_t *target, const uint8_t *other, size_t count, int weight) {
    for (size_t i = 0; i < count; i++)
        target[i] = (uint8_t)((target[i] * (256 - weight) + other[i] * weight + 128) >> 8);
}

AVX2 void kernel_lay_over(uint8_t *target, ptrdiff_t target_stride, const uint8_t *colour, const uint8_t *alpha,
                          int width, int height) {
    for (int line = 0; line < height; line++, target += target_stride, colour += width, alpha += width)
        for (int i = 0; i < width; i++) {
            unsigned under = target[i] * (255u - alpha[i]) + 128;
            unsigned level = colour[i] + ((under + (under >> 8)) >> 8);
            target[i] = (uint8_t)(level > 255 ? 255 : level);
        }
}
