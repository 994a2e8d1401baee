"""`make bench`: the renderer on a fixed piece of work, against the encoder alone and against MoviePy, in one run.

Machines are noisy: what counts are ratios between runs that took turns, never seconds.
"""
