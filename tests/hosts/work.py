"""`python -m tests.hosts.work QUEUE`: one process that works on what is ready, without a service around it.

It starts in half the time, and nothing ends it when its host is cut off.
"""

from __future__ import annotations

import sys
import time

import django


def main(queue: str) -> None:
    """Work until somebody ends the process."""
    from django.db import Error, connection

    from apps.pipeline import engine, runner

    while True:
        try:
            claim = engine.claim_next(queue, worker=runner.worker_name())
            if claim is not None:
                runner.execute(claim)
                continue
        except Error:
            connection.close()
        time.sleep(0.05)


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1])
