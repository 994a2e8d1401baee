"""What is promised of reliability, money and security, with the figure asked for: the rows of docs/reliability.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One promise: what is done to the product, and what must hold then."""

    id: str
    what: str
    asked: str


GOALS = (
    Goal(
        "R1",
        "500 kill -9 at random points while 1,000 small jobs run",
        "all end once; recovery p99 <= lease + 1.5 s beside a living cluster, lease + 8 s without; "
        "0 duplicate artifacts or mails",
    ),
    Goal("R2", "50 workers stopped past their lease, then continued", "every stale commit refused"),
    Goal("R3", "100 kills of any process of the worker service", "back p95 <= 6 s; 0 orphans after 10 s"),
    Goal("R4", "a job that kills its worker every time", "3 starts, then FAILED and RELEASE; others unaffected"),
    Goal("R6", "300 queued jobs, 2 workers", "every step made once"),
    Goal("R7", "SIGTERM with work in flight, 50 times", "exit <= 20 s, lease released, no attempt burnt"),
    Goal("R8", "cancel at a random moment, 200 times", "CANCELED <= 5 s, ffmpeg gone <= 2 s, unused credits back"),
    Goal(
        "R9",
        "PostgreSQL restarted every 5 to 40 s for 5 minutes",
        "0 lost, 0 double; /ready 503 while down, /health 200",
    ),
    Goal("R10", "connection lost after COMMIT was sent, at every write site", "the retry changes nothing"),
    Goal(
        "R12",
        "disk full at each writing step",
        "made later or FAILED disk_full; no partial file under a final name",
    ),
    Goal("R13", "provider faults x calls", "each cell ends as its table declares"),
    Goal("R14", "kill or fault after item k of n", "0 finished items bought again; extra calls <= open ones"),
    Goal("R16", "queue rows deleted, key rotated, payload corrupted", "every job goes on within 1 s + lease"),
    Goal("R19", "a failpoint before and after every commit, paid call, rename", "all fired and survived"),
    Goal("M1", "1,000 reservations of 10 on 1,000, 50 connections", "100 succeed, 900 typed refusals, no deadlock"),
    Goal("M2", "2,000 settles of 100 reservations at once", "100 settle, sum 0"),
    Goal("M3", "every Stripe event 5 times, shuffled, 8 at once, 20 seeds", "the same ledger; one row a payment"),
    Goal("M4", "random ledger movements against a plain model", "10,000 steps, 0 diverge"),
    Goal("M5", "UPDATE, DELETE, TRUNCATE on the ledger, admin too", "refused"),
    Goal("M6", "an injected difference of one credit", "reported by the next reconcile"),
    Goal("M7", "forged, old, foreign, oversized and test-mode webhooks", "400 or 413, 0 rows"),
    Goal("M8", "webhook endpoint down for four days", "the nightly list restores the exact ledger"),
    Goal("M9", "cost above the reservation", "never charged; recorded on the platform and alarmed"),
    Goal("M10", "refund or dispute after the credits were spent", "never negative; debt blocks jobs until bought off"),
    Goal("M11", "200 identical orders with one key at once", "1 job, 1 RESERVE; other body 409"),
    Goal("S1", "every address x method x kind of asker", "equal to the table; a new address without a row fails"),
    Goal("S2", "generated requests to the API, generated forms", "no 5xx, nothing over 2 s"),
    Goal("S3", "5,000 hostile strings through captions", "shown or refused in words; time <= 3x, memory <= 2x"),
    Goal("S4", "known hostile media", "rejected or harmless in <= 5 s and 500 MB"),
    Goal("S6", "addresses in provider answers that point inside", "never followed"),
    Goal("S7", "hostile titles", "zip names [a-z0-9_-]{1,80}.ext; Content-Disposition by RFC 6266"),
    Goal("S9", "50 clients over rate limits, spoofed X-Forwarded-For", "accepted = limit"),
    Goal("S10", "100 sign-ups as variants of one mailbox", "1 trial at most"),
    Goal("S11", "50 claims of one draft; stolen, expired, foreign tokens", "1 winner"),
    Goal("S13", "check --deploy", "0 warnings"),
    Goal("S14", "canary values for every secret", "in no log, page, mail or dump"),
    Goal("fair", "one user's many jobs beside another's one", "the one does not wait for the many"),
    Goal("hosts", "every step on another host; a host cut off", "ends once; only what was open is paid again"),
    Goal("load", "200 polling, 50 creating, 2 workers rendering", "no error"),
    Goal("soak", "30 minutes of work", "memory, handles, temp bytes and connections flat"),
)
IDS = frozenset(goal.id for goal in GOALS)
