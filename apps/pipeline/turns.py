"""The order between users: each video is given a turn when it is ordered, and work goes by rising turn, then by age.

Weighted fair queueing with equal weights (Demers, Keshav and Shenker, 1989), one video being one unit of work. The
clock shows how many videos each user with open ones should have had so far: a video that ends moves it by 1 / such
users. A video's turn is the clock's, or one more than the turn of its owner's last. So a user's second waits while
another's first is worked on, and yet newcomers pass nobody for ever, because the clock goes on. Videos that have ended
put their owner behind by one turn at most: what was made while another's lay waiting was nobody's loss.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

FIRST_TURN = 1.0
# A video that was stopped before it began took nobody's turn; LEAST leaves a clock that never moved out.
_NEXT = """
    SELECT GREATEST(
        %(first)s,
        (SELECT turn FROM turn_clock),
        (SELECT max(turn) + 1 FROM jobs WHERE user_id = %(user)s AND state IN ('QUEUED', 'RUNNING')),
        (SELECT LEAST(max(turn) + 1, (SELECT turn + 1 FROM turn_clock)) FROM jobs
         WHERE user_id = %(user)s AND state NOT IN ('QUEUED', 'RUNNING') AND started_at IS NOT NULL HAVING count(*) > 0)
    )"""
_MOVE_ON = """
    INSERT INTO turn_clock (id, turn)
    SELECT 1, %(first)s + 1.0 / count(*) FROM (
        SELECT user_id FROM jobs WHERE state IN ('QUEUED', 'RUNNING')
        UNION SELECT user_id FROM jobs WHERE id = %(job)s
    ) served
    WHERE EXISTS (SELECT FROM jobs WHERE id = %(job)s AND started_at IS NOT NULL) HAVING count(*) > 0
    ON CONFLICT (id) DO UPDATE SET turn = turn_clock.turn + EXCLUDED.turn - %(first)s"""


def clock() -> float:
    """Return the turn that a video would be given now, of somebody who has none in line."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT turn FROM turn_clock")
        row = cursor.fetchone()
    return float(row[0]) if row else FIRST_TURN


def next_turn(user_id: UUID) -> float:
    """Return the turn of a video that this user orders now; call it under the user's lock."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"first": FIRST_TURN, "user": user_id})
        (turn,) = cursor.fetchone()
    return float(turn)


def note_ended(job_id: UUID) -> None:
    """Move the clock on for a video that ended, once its end is committed.

    After the commit, because the clock's one row would otherwise be locked while ledgers are written; a step that dies
    in between is lost, which costs nobody more than a part of one turn.
    """
    transaction.on_commit(lambda: _move_on(job_id), robust=True)


def _move_on(job_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ON, {"first": FIRST_TURN, "job": job_id})
