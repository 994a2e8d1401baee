"""Flows of the clock and of operators: what has had its time goes, files expire, backups are taken."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.utils import timezone
from django_q.models import Task

from apps.accounts.actions import OPERATOR_EMAIL, operator_account
from apps.accounts.models import DataExport, User
from apps.drafts.models import DraftPrompt
from apps.pipeline import left_files, sweep
from apps.pipeline.expiry import expire_files, expire_unfinished, tell_of_expiry
from apps.pipeline.lost_work import kept_results
from apps.pipeline.models import Asset, Job, StepAttempt
from canvascast.operations.backups import files, folder, verifying
from canvascast.operations.periodic import (
    nightly,
    prune_storages,
    reconcile_payments,
    tidy,
    watch,
    watch_everything,
)
from canvascast.operations.prune import prune
from tests.chaos.failpoints.films import order
from tests.chaos.failpoints.stage import Flow, Memory, Outside, work
from tests.chaos.failpoints.world import World, arrive, user_of
from tests.people.test_prune import age


def leave_things_behind(memory: Memory) -> None:
    user, past = user_of(memory), timezone.now() - timedelta(days=1)
    DraftPrompt.objects.create(user=user, token_hash="", prompt="old", expires_at=past, claimed_at=past)
    name = default_storage.save(f"exports/{uuid4()}.zip", ContentFile(b"zip"))
    DataExport.objects.create(user=user, state="ready", storage_name=name, expires_at=past)
    orphan = storages["generated-assets"].save(f"{user.pk}/ab/orphan.bin", ContentFile(b"12345"))
    age(Path(storages["generated-assets"].path(orphan)), 2)
    memory |= {"export": name, "orphan": orphan}


def sign_up_in_vain(memory: Memory) -> None:
    """A mistyped address, which nobody confirms."""
    memory["mistyped"] = f"{uuid4().hex[:12]}@example.com"
    user = User.objects.create_user(memory["mistyped"])
    EmailAddress.objects.create(user=user, email=memory["mistyped"], primary=True)
    User.objects.filter(pk=user.pk).update(created_at=timezone.now() - timedelta(days=8))


def nobody_came(memory: Memory) -> None:
    assert not User.objects.filter(email=memory["mistyped"]).exists()
    assert not EmailAddress.objects.filter(email=memory["mistyped"]).exists()


def be_pruned(memory: Memory) -> None:
    list(prune(at=timezone.now(), dry_run=False))


def keep_the_clock(memory: Memory) -> None:
    tidy()
    nightly()
    reconcile_payments()
    prune_storages()
    watch()
    watch_everything()
    sweep.forget_old_beats()


def nothing_old(memory: Memory) -> None:
    assert not DraftPrompt.objects.filter(user_id=memory["user"]).exists()
    assert not DataExport.objects.filter(user_id=memory["user"]).exists()
    assert not default_storage.exists(memory["export"])
    assert not storages["generated-assets"].exists(memory["orphan"])


def grow_old(memory: Memory) -> None:
    long_ago = timezone.now() - timedelta(days=91)
    Asset.objects.filter(job_id=memory["job"]).update(created_at=timezone.now() - timedelta(days=84))
    StepAttempt.objects.filter(job_step__job_id=memory["job"]).update(detail="Traceback", finished_at=long_ago)
    Task.objects.create(id=uuid4().hex, name="old", func="x", started=long_ago, stopped=long_ago, success=True)


def forget_the_operator(memory: Memory) -> None:
    User.objects.filter(email=OPERATOR_EMAIL).delete()


def operate(memory: Memory) -> None:
    memory["operator"] = str(operator_account().pk)


def has_one_account(memory: Memory) -> None:
    assert str(User.objects.get(email=OPERATOR_EMAIL).pk) == memory["operator"]


def be_told(memory: Memory) -> None:
    tell_of_expiry(at=timezone.now())


def expire(memory: Memory) -> None:
    expire_files(at=timezone.now() + timedelta(days=8))
    left_files.delete_forgotten()


def has_expired(memory: Memory) -> None:
    job = Job.objects.get(pk=memory["job"])
    assert (job.state, job.project.files_left) == ("READY", None)
    assert not Asset.objects.filter(job_id=memory["job"], expired_at__isnull=True).exists()


def expire_what_failed(memory: Memory) -> None:
    expire_unfinished(at=timezone.now() + timedelta(days=91))
    left_files.delete_forgotten()


def has_nothing_left(memory: Memory) -> None:
    job = Job.objects.get(pk=memory["job"])
    assert (job.state, job.project.files_until is None) == ("FAILED", False)
    assert not kept_results(job.user_id).filter(unit="scene_001", project=job.project).exists()


def back_up(memory: Memory) -> None:
    call_command("backup", "--to", str(_backups()), "--keep", "1", stdout=io.StringIO(), stderr=io.StringIO())


def lose_all_files(memory: Memory) -> None:
    for path in Path(default_storage.path("kept")).glob("*"):
        path.unlink()


def bring_files_back(memory: Memory) -> None:
    _, damaged = files.bring_back(folder.whole_backups(_backups())[-1], lambda text: None)
    assert damaged == []
    assert default_storage.exists(memory["kept"])


def keep_a_file(memory: Memory) -> None:
    memory["kept"] = default_storage.save(f"kept/{uuid4()}.bin", ContentFile(b"12345"))


def backup_is_whole(memory: Memory) -> None:
    (whole,) = folder.whole_backups(_backups())
    assert list(verifying.faults_of_parts(whole, whole.manifest())) == []
    assert [path.name for path in _backups().iterdir() if path.is_dir()] == [whole.path.name]


def _backups() -> Path:
    return Path(settings.VAR_DIR) / "backups"


def flows(world: World) -> tuple[Flow, ...]:
    start = Outside(arrive)
    return (
        Flow(
            "is backed up",
            (
                start,
                Outside(keep_a_file),
                back_up,
                back_up,
                Outside(lose_all_files),
                bring_files_back,
                back_up,
            ),
            backup_is_whole,
        ),
        Flow("operates", (Outside(forget_the_operator), operate), has_one_account),
        Flow("is pruned", (start, Outside(leave_things_behind), be_pruned, keep_the_clock), nothing_old),
        Flow("signs up in vain", (Outside(sign_up_in_vain), be_pruned), nobody_came),
        Flow(
            "files expire",
            (start, order("an old film"), work, Outside(grow_old), be_told, work, expire, be_pruned),
            has_expired,
        ),
        Flow(
            "what was made for a video that failed expires",
            (start, order("half refused words"), work, expire_what_failed),
            has_nothing_left,
        ),
    )
