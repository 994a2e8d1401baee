"""One video on many machines, which share PostgreSQL and an S3 server; and a machine that is cut off."""

from __future__ import annotations

import contextlib
import sys

import psutil
import pytest

from tests.hosts.conftest import OpenSite, started_by
from tests.hosts.hosts import LEASE_SECONDS, Host, Site, order_by_http, wait_for
from tests.hosts.network import COMMON_GROUND
from tests.wire import gemini_text
from tests.wire.gemini import GeminiServer
from tests.wire.gemini_pictures import PATH as PICTURE_PATH

pytestmark = [pytest.mark.goal("hosts"), pytest.mark.slow]  # a database of their own, and leases that have to end

SCRIPT = "\n\n".join(
    [
        "The first scene opens on a quiet harbour at dawn, long before the boats go out.",
        "Then the sun climbs over the hills and the whole town slowly wakes up.",
        "At noon the market fills with colour, with voices, and with the smell of bread.",
        "When evening comes, the lamps are lit one by one along the narrow streets.",
    ]
)
ORDER = {
    "transcriptMode": "manual",
    "transcriptText": SCRIPT,
    "nichePreset": "facts",
    "targetMinutes": 0.5,
    "shape": "1:1",
}
STEPS_IN_ORDER = ("script", "voice", "alignment", "visual_plan", "images", "timeline", "render", "package")
_ATTEMPTS = """
    SELECT s.step, s.part, a.worker, a.outcome FROM job_steps s JOIN job_step_attempts a ON a.job_step_id = s.id
    WHERE s.job_id = %s ORDER BY s.ordinal, a.fence"""
_CALLS = """
    SELECT c.idempotency_key, count(*) FROM provider_calls c JOIN job_steps s ON s.id = c.job_step_id
    WHERE s.job_id = %s GROUP BY c.idempotency_key"""


def has_ended(site: Site, job: str) -> bool:
    return site.state_of(job) in ("READY", "FAILED", "CANCELED")


def wait_for_end(site: Site, job: str, *, seconds: float) -> None:
    wait_for(lambda: has_ended(site, job), seconds=seconds, what="the end", hosts=list(site.hosts.values()))
    assert site.state_of(job) == "READY"


def ordered_from_web(site: Site) -> str:
    """Order the film over HTTP from the web host, which has a process tree and a folder of its own."""
    web = site.hosts["web"]
    secret = web.run(sys.executable, "-m", "tests.hosts.start", "--key").strip()
    web.start_web()
    wait_for(lambda: "Booting worker" in web.log(), seconds=30, what="the web host", hosts=[web])
    return order_by_http(web.cable.address, secret, ORDER)


def host_of(site: Site, worker: str) -> str:
    return next(name for name, host in site.hosts.items() if host.made(worker))


def hosts_by_step(site: Site, job: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for step, _, worker, outcome in site.query(_ATTEMPTS, job):
        if outcome == "DONE":
            found.setdefault(step, set()).add(host_of(site, worker))
    return found


def starts_by_row(site: Site, job: str) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for step, part, _, outcome in site.query(_ATTEMPTS, job):
        found.setdefault((step, part), []).append(outcome)
    return found


def test_every_step_of_a_film_is_made_on_another_host_than_the_step_before(open_site: OpenSite, scenario):
    with (
        open_site("FILM_TURN_ABOUT") as site,
        scenario("hosts", "each step on another host", size="full", broken=site.broken) as scene,
    ):
        job = ordered_from_web(site)
        for side in ("left", "right"):
            site.hosts[side].start_worker(side)
        wait_for_end(site, job, seconds=240)
        places = hosts_by_step(site, job)
        calls = [count for _, count in site.query(_CALLS, job)]
        scene.note(steps=len(places), paid_calls=len(calls), paid_twice=sum(count > 1 for count in calls))

        assert [places[step] for step in STEPS_IN_ORDER] == [{"left"}, {"right"}] * 4
        assert set(calls) == {1}
        assert all(outcomes == ["DONE"] for outcomes in starts_by_row(site, job).values())


def test_pictures_and_segments_of_a_film_are_made_on_both_hosts_and_joined_once(open_site: OpenSite, scenario):
    gemini = GeminiServer(address=COMMON_GROUND)
    # As long as it takes for a picture to be asked for by every process that waits for vendors, two on each host.
    gemini.delay_seconds = {PICTURE_PATH: 4.0}
    with (
        contextlib.closing(gemini),
        open_site("FILM", **painted_by(gemini, at_once=4)) as site,
        scenario("hosts", "pictures and segments on both hosts", size="full", broken=site.broken) as scene,
    ):
        for side in ("left", "right"):
            site.hosts[side].start_worker("steps,vendors")
        wait_for(lambda: beats(site) == 4, seconds=30, what="both hosts", hosts=list(site.hosts.values()))
        job = ordered_from_web(site)
        wait_for_end(site, job, seconds=240)
        places = hosts_by_step(site, job)
        scene.note(hosts_of_pictures=len(places["images"]), hosts_of_voice=len(places["voice"]))
        scene.note(hosts_of_segments=len(places["render"]), chunks=len(chunks(site, job)))

        assert places["images"] == places["render"] == {"left", "right"}
        assert len(chunks(site, job)) >= 3
        assert all(outcomes == ["DONE"] for outcomes in starts_by_row(site, job).values())


def test_host_that_is_cut_off_while_it_films_leaves_its_chunk_to_the_other(open_site: OpenSite, scenario):
    with open_site("FILM") as site:
        left, right = site.hosts["left"], site.hosts["right"]
        with scenario("hosts", "a host cut off while it films", size="full", broken=site.broken) as scene:
            left.start_worker("steps")
            job = ordered_from_web(site)
            wait_for(lambda: "RUNNING" in chunks(site, job).values(), seconds=240, what="a chunk", hosts=[left])
            left.cable.cut()
            right.start_worker("steps")
            wait_for_end(site, job, seconds=120)
            # Before the left host says how its own starts ended.
            starts = starts_by_row(site, job)
            left.cable.mend()
            taken_over = [name for name in chunks(site, job) if starts["render", name] == ["LOST", "DONE"]]
            scene.note(chunks=len(chunks(site, job)), taken_over=len(taken_over))

            assert len(taken_over) == 1
            assert all(outcomes == ["DONE"] for row, outcomes in starts.items() if row != ("render", taken_over[0]))


def test_host_that_is_cut_off_in_paid_calls_has_only_those_paid_again(open_site: OpenSite, scenario):
    gemini = GeminiServer(address=COMMON_GROUND)
    gemini.delay_seconds = {PICTURE_PATH: 1.5}
    with contextlib.closing(gemini), open_site("FILM", **painted_by(gemini)) as site:
        left, right = site.hosts["left"], site.hosts["right"]
        with scenario("hosts", "a host cut off in paid calls", size="full", broken=site.broken) as scene:
            left.start_worker("steps,vendors")
            job = ordered_from_web(site)
            wait_for(lambda: gemini.paid and gemini.now_open, seconds=120, what="a picture", hosts=[left])
            left.cable.cut()
            # One that was answered a moment ago is not stored yet.
            was_open = site.query("SELECT count(*) FROM job_steps WHERE step = 'images' AND state = 'RUNNING'")[0][0]
            right.start_worker("steps,vendors")
            wait_for_end(site, job, seconds=240)
            left.cable.mend()
            scenes = sum(part != "" for step, part in starts_by_row(site, job) if step == "images")
            drawn = len(gemini.paid)
            scene.note(pictures=scenes, open_pictures=was_open, paid_pictures=drawn)

            assert scenes <= drawn <= scenes + was_open


def test_host_that_is_cut_off_stops_its_programs_and_comes_back(open_site: OpenSite, scenario):
    with open_site("LONG") as site:
        left, right = site.hosts["left"], site.hosts["right"]
        with scenario("hosts", "a host cut off in a step", size="full", broken=site.broken) as scene:
            left.start_worker("steps")
            wait_for(lambda: beats(site) == 1, seconds=30, what="the left host", hosts=[left])
            job = started_by(site.hosts["web"], "child")
            wait_for(lambda: sleepers(left) != [], seconds=20, what="the child", hosts=[left])
            left.cable.cut()
            right.start_worker("steps")
            stopped_after = wait_for(lambda: sleepers(left) == [], seconds=20, what="the child's end", hosts=[left])
            wait_for_end(site, job, seconds=40)
            # Before the left host says how its own start ended.
            starts = starts_by_row(site, job)
            left.cable.mend()
            scene.note(child_stopped_seconds=round(stopped_after, 1), lease_seconds=LEASE_SECONDS)

            assert starts["voice", "scene_001"] == ["LOST", "DONE"]
            assert hosts_by_step(site, job)["voice"] == {"right"}

            right.stop()
            wait_for(lambda: beats(site) == 1, seconds=40, what="the left host alone", hosts=[left])
            again = started_by(site.hosts["web"], "one two")
            wait_for_end(site, again, seconds=60)


def test_what_a_host_that_was_cut_off_finishes_later_changes_nothing(open_site: OpenSite, scenario):
    with open_site("LONG") as site:
        left, right = site.hosts["left"], site.hosts["right"]
        with scenario("hosts", "late work of a host that was cut off", size="full", broken=site.broken):
            left.start_bare_worker("steps")
            job = started_by(site.hosts["web"], "late")
            wait_for(lambda: running(site, job) == 1, seconds=30, what="the part", hosts=[left])
            left.cable.cut()
            right.start_bare_worker("steps")
            wait_for_end(site, job, seconds=40)
            made = artifacts(site, job)
            right.stop()
            left.cable.mend()
            # One process after the other: whoever makes this has finished the late part.
            again = started_by(site.hosts["web"], "one")
            wait_for_end(site, again, seconds=60)

            assert starts_by_row(site, job)["voice", "scene_001"] == ["STOPPED", "DONE"]
            assert hosts_by_step(site, again)["voice"] == {"left"}
            assert artifacts(site, job) == made == len(starts_by_row(site, job))


def painted_by(gemini: GeminiServer, *, at_once: int = 2) -> dict[str, str]:
    account = {"HOSTS_GEMINI_KEY": gemini_text.KEY, "GEMINI_BASE_URL": gemini.url}
    bounds = {"PROVIDER_CONCURRENCY": f"gemini={at_once}", "VENDOR_PROCESSES": "2"}
    return {"WRITER": "sample", "PAINTER": "gemini", **bounds, **account}


def chunks(site: Site, job: str) -> dict[str, str]:
    rows = "SELECT part, state FROM job_steps WHERE job_id = %s AND step = 'render' AND part LIKE 'chunk%%'"
    return dict(site.query(rows, job))


def beats(site: Site) -> int:
    return site.query("SELECT count(*) FROM worker_beats WHERE seen_at > now() - interval '3 seconds'")[0][0]


def running(site: Site, job: str) -> int:
    rows = "SELECT count(*) FROM job_steps WHERE job_id = %s AND part <> '' AND state = 'RUNNING'"
    return site.query(rows, job)[0][0]


def artifacts(site: Site, job: str) -> int:
    rows = "SELECT count(*) FROM artifacts WHERE project_id = (SELECT project_id FROM jobs WHERE id = %s)"
    return site.query(rows, job)[0][0]


def sleepers(host: Host) -> list[psutil.Process]:
    return [process for process in host.processes() if is_sleeper(process)]


def is_sleeper(process: psutil.Process) -> bool:
    try:
        return process.name() == "sleep" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
