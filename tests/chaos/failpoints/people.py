"""Flows of people: they come with a text, sign up, set things, take everything along, leave; staff helps."""

from __future__ import annotations

import io
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from apps.accounts import actions
from apps.accounts.actions import close_account, mark_welcomed, start_export
from apps.accounts.api_keys import create_key, revoke_key
from apps.accounts.kept_mail import KeptMail
from apps.accounts.models import ApiKey, DataExport, Profile, User
from apps.billing import ledger
from apps.billing.actions import AlreadyGiven, give_credits
from apps.billing.models import LedgerEntry, TrialGrant
from apps.billing.queries import balance
from apps.drafts.actions import DraftText, forget_draft, rewrite_draft, save_draft
from apps.drafts.models import DraftPrompt
from apps.drafts.tokens import token_hash
from apps.notifications.models import MailEvent, Notification, NotificationPreference, SuppressedMailbox
from apps.notifications.unsubscribing import switch_token
from apps.notifications.webhooks.endpoints import create_endpoint
from canvascast.operations import erasure
from canvascast.operations.backups.deletions import Deletions, delete_again
from canvascast.operations.periodic import tidy
from tests.chaos.failpoints.stage import Flow, Memory, Outside, unheard, work
from tests.chaos.failpoints.world import World, arrive, asked, be_somebody, browser, keep_cookies, user_of
from tests.notifications.test_mail_news import HARD, tell, told


def come_with_a_text(memory: Memory) -> None:
    client = browser(memory)
    answer = client.post("/", {"way": "describe", "prompt": "Why do cats purr at night?", "minutes": "2"})
    assert answer.status_code == 302, answer.status_code
    keep_cookies(memory, client)


def take_the_text_away(memory: Memory) -> None:
    """As a visit of ours does that ends."""
    forget_draft(token=memory["cookies"]["draft"])


def left_no_text(memory: Memory) -> None:
    token = memory["cookies"]["draft"]
    assert not DraftPrompt.objects.filter(token_hash=token_hash(token)).exists()


def come_in(world: World):
    def come_in(memory: Memory) -> None:
        """Sign up; where a form was lost on the way, the address is known already, and a code lets it in."""
        client = browser(memory)
        known = len(world.mails_to(memory["email"]))
        client.post("/accounts/signup/", {"email": memory["email"]})
        code = _new_code(world, memory, known)
        if code:
            client.post("/accounts/confirm-email/", {"code": code})
        else:
            # The mail says that there is an account already; "Start again" leads to the page to log in.
            client.post("/accounts/logout/")
            client.post("/accounts/login/", {"login": memory["email"]})
            code = _new_code(world, memory, known)
            assert code, [mail.text[:200] for mail in world.mails_to(memory["email"])]
            client.post("/accounts/login/code/confirm/", {"code": code})
        assert client.get("/app/start").status_code == 302
        assert "_auth_user_id" in client.session
        keep_cookies(memory, client)
        memory["user"] = str(User.objects.get(email=memory["email"]).pk)

    return come_in


def _new_code(world: World, memory: Memory, known: int) -> str:
    with unheard():
        new: list[KeptMail] = world.mails_to(memory["email"])
    return next((mail.code for mail in new[: len(new) - known] if mail.code), "")


def be_welcomed(memory: Memory) -> None:
    mark_welcomed(user=user_of(memory), at=timezone.now())


def has_come_in(world: World):
    def has_come_in(memory: Memory) -> None:
        user = User.objects.get(email=memory["email"])
        assert TrialGrant.objects.filter(entry__user=user).count() == 1
        assert LedgerEntry.objects.filter(user=user).count() == 1
        drafts = DraftPrompt.objects.filter(user=user)
        assert drafts.count() == 1
        letters = [mail for mail in world.mails_to(user.email) if not mail.code]
        welcomes = [mail for mail in letters if "elcome" in mail.subject]
        doubts = Notification.objects.get(user=user, event="welcome").doubtful_tries
        assert len(welcomes) <= 1 + doubts
        assert Profile.objects.get(user=user).welcomed_at is not None

    return has_come_in


def tell_about_themselves(memory: Memory) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    avatar = SimpleUploadedFile("me.png", picture.getvalue(), "image/png")
    form = {"display_name": "Ada", "time_zone": "Europe/Berlin", "avatar": avatar}
    answer = browser(memory).post("/app/settings/profile", form)
    assert answer.status_code == 302, answer.content[:2000]


def make_a_key(memory: Memory) -> None:
    key, _ = create_key(user=user_of(memory), name="robot", at=timezone.now())
    memory["api_key"] = str(key.pk)


def end_the_key(memory: Memory) -> None:
    for key in ApiKey.objects.filter(user_id=memory["user"], name="robot"):
        revoke_key(user=user_of(memory), key_id=key.pk, at=timezone.now())


def choose_mails(memory: Memory) -> None:
    asked(memory, "patch", "/notifications/preferences", 200, body={"videoReady": False})


def turn_mails_off(memory: Memory) -> None:
    answer = browser(memory).post(f"/mail/off/{switch_token(user_of(memory).pk, 'low_credits')}")
    assert answer.status_code in (200, 302), answer.status_code


def bounce(memory: Memory) -> None:
    """Resend tells again until it is answered."""
    memory.setdefault("event", f"msg_{uuid4().hex}")
    answer = tell(told("bounced", to=memory["email"], bounce=HARD), event_id=memory["event"])
    assert answer.status_code == 200, answer.status_code


def be_mailed(memory: Memory) -> None:
    fact = Notification.objects.create(
        user=user_of(memory), event="welcome", key="mailed", state="SENT", sent_at=timezone.now()
    )
    memory["mailed"] = str(fact.pk)


def be_mailed_after_all_not(memory: Memory) -> None:
    """The mail service took a mail, and tells later that it sent it to nobody."""
    memory.setdefault("event", f"msg_{uuid4().hex}")
    fact = Notification.objects.get(pk=memory["mailed"])
    answer = tell(told("failed", fact, to=memory["email"], failed={"reason": "quota"}), event_id=memory["event"])
    assert answer.status_code == 200, answer.status_code


def was_not_mailed(memory: Memory) -> None:
    fact = Notification.objects.get(pk=memory["mailed"])
    assert (fact.state, fact.sent_at) == ("GIVEN_UP", None)


def keep_a_text(memory: Memory) -> None:
    text = DraftText(prompt="Why do cats purr at night?")
    saved = save_draft(token="", client_address="192.0.2.8", order=text, user=user_of(memory), at=timezone.now())
    memory["draft"] = str(saved.draft_id)


def write_it_anew(memory: Memory) -> None:
    text = DraftText(prompt="Why do dogs bark at night?")
    rewrite_draft(draft_id=UUID(memory["draft"]), user=user_of(memory), order=text, at=timezone.now())


def has_the_new_text(memory: Memory) -> None:
    assert DraftPrompt.objects.get(user_id=memory["user"]).prompt == "Why do dogs bark at night?"


def be_let_in_again(memory: Memory) -> None:
    from apps.notifications.mail_log import release

    release(memory["email"])


def log_others_out(memory: Memory) -> None:
    answer = browser(memory).post("/accounts/sessions/")
    assert answer.status_code == 302, answer.status_code


def settings_hold(memory: Memory) -> None:
    user = user_of(memory)
    profile = Profile.objects.get(user=user)
    assert (profile.display_name, profile.avatar != "") == ("Ada", True)
    assert not ApiKey.objects.filter(user=user, name="robot", revoked_at__isnull=True).exists()
    preferences = NotificationPreference.objects.get(user=user)
    assert (preferences.video_ready, preferences.low_credits) == (False, False)
    assert MailEvent.objects.filter(event_id=memory["event"]).count() == 1
    assert not SuppressedMailbox.objects.filter(pk=user.email).exists()


def take_everything_along(memory: Memory) -> None:
    """Ask, and ask again an hour later where nothing came."""
    user = user_of(memory)
    start_export(user=user, at=timezone.now())
    work(memory)
    mine = DataExport.objects.filter(user=user)
    with unheard():
        mine.filter(state="pending").update(created_at=timezone.now() - timedelta(hours=2))
    if not mine.filter(state="ready").exists():
        tidy()
        start_export(user=user, at=timezone.now())
        work(memory)
    assert mine.filter(state="ready").exists()


def leave(memory: Memory) -> None:
    close_account(user=user_of(memory), at=timezone.now())


def be_erased(memory: Memory) -> None:
    """By the queue, or within the hour by the clock where the queue has lost it."""
    work(memory)
    tidy()


def is_gone(memory: Memory) -> None:
    user = user_of(memory)
    assert erasure.is_erased(user)
    assert not DataExport.objects.filter(user=user).exists()
    assert not Notification.objects.filter(user=user).exists()


def sudden_storage(world: World) -> dict[str, Any]:
    location = {"location": world.folder / "media", "allow_overwrite": True}
    return {"BACKEND": "tests.chaos.failpoints.sudden.SuddenStorage", "OPTIONS": location}


def has_no_export(memory: Memory) -> None:
    assert not DataExport.objects.filter(user_id=memory["user"]).exists()


def give(memory: Memory) -> None:
    try:
        give_credits(user_id=user_of(memory).pk, credits=5, reason="sorry", by=None, at=timezone.now())
    except AlreadyGiven:
        """The first press came through."""
    assert balance(user_of(memory).pk).available == 15


def become_staff(memory: Memory) -> None:
    call_command("make_staff", memory["email"])


def somebody_new_becomes_staff(memory: Memory) -> None:
    memory.setdefault("new", f"{uuid4().hex[:12]}@example.com")
    call_command("make_staff", memory["new"])
    assert User.objects.get(email=memory["new"]).is_staff


def open_another_browser(memory: Memory) -> None:
    UserSession.objects.create(user=user_of(memory), ip="192.0.2.7", session_key=uuid4().hex, user_agent="another")


def block_exports(world: World) -> Outside:
    """The folder of exports cannot be written."""
    return Outside(lambda memory: _block(world.folder / "media" / "exports"))


def _block(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def ask_in_vain(memory: Memory) -> None:
    start_export(user=user_of(memory), at=timezone.now())
    work(memory)


def unblock_exports(world: World) -> Outside:
    return Outside(lambda memory: (world.folder / "media" / "exports").unlink())


def erase_by_hand(memory: Memory) -> None:
    erasure.erase_user(user=user_of(memory), at=timezone.now())


def be_corrected(memory: Memory) -> None:
    key = f"correction:{memory['user']}"
    user = user_of(memory)
    ledger.adjust(user_id=user.pk, credits=-3, reason="a mistake", key=key, by=user, at=timezone.now())


def have_a_webhook(memory: Memory) -> None:
    create_endpoint(user=user_of(memory), url="http://127.0.0.1:9/hook", events=["job.ready"], at=timezone.now())


def operate(memory: Memory) -> None:
    actions.operator_account()


def is_staff(memory: Memory) -> None:
    assert user_of(memory).is_staff
    assert not User.objects.get(email=actions.OPERATOR_EMAIL).has_usable_password()


def begin_an_erasure(memory: Memory) -> None:
    """As a restore does for whoever had left since the backup."""
    erasure.begin_erasures([user_of(memory).pk], at=timezone.now())


def revoke_again(memory: Memory) -> None:
    """As a restore does with a key that was revoked since the backup."""
    noted = {key.pk: timezone.now() for key in ApiKey.objects.filter(user_id=memory["user"])}
    delete_again(Deletions(videos={}, voices={}, keys=noted), erased=())


def has_no_live_key(memory: Memory) -> None:
    keys = ApiKey.objects.filter(user_id=memory["user"])
    assert keys.filter(revoked_at__isnull=True).count() == 0 < keys.count()


def flows(world: World) -> tuple[Flow, ...]:
    start = Outside(arrive)
    settings = (tell_about_themselves, make_a_key, end_the_key, choose_mails, turn_mails_off, bounce, be_let_in_again)
    return (
        Flow(
            "comes in",
            (Outside(be_somebody), come_with_a_text, come_with_a_text, come_in(world), be_welcomed, work),
            has_come_in(world),
        ),
        Flow("takes the text away", (Outside(be_somebody), come_with_a_text, take_the_text_away), left_no_text),
        Flow(
            "sets things",
            (start, *settings, Outside(open_another_browser), log_others_out, tell_about_themselves),
            settings_hold,
        ),
        Flow(
            "takes everything along and leaves",
            (
                start,
                tell_about_themselves,
                choose_mails,
                Outside(have_a_webhook),
                take_everything_along,
                leave,
                be_erased,
            ),
            is_gone,
        ),
        Flow("is erased after a restore", (start, begin_an_erasure, be_erased), is_gone),
        Flow("is without a key after a restore", (start, make_a_key, revoke_again), has_no_live_key),
        Flow("keeps a text and writes it anew", (start, Outside(keep_a_text), write_it_anew), has_the_new_text),
        Flow("is mailed after all not", (start, Outside(be_mailed), be_mailed_after_all_not), was_not_mailed),
        Flow("is given credits", (start, give, be_corrected), lambda memory: None),
        Flow("becomes staff", (start, become_staff, somebody_new_becomes_staff, operate), is_staff),
        Flow("is welcomed without a profile", (start, be_welcomed), lambda memory: None),
        Flow("is erased by hand", (start, erase_by_hand), is_gone),
        Flow(
            "cannot take things along at first",
            (start, block_exports(world), ask_in_vain, unblock_exports(world), take_everything_along),
            lambda memory: None,
        ),
        Flow(
            "leaves while an export is made",
            (start, ask_in_vain, work),
            has_no_export,
            settings={"STORAGES": {**django_settings.STORAGES, "default": sudden_storage(world)}},
        ),
    )
