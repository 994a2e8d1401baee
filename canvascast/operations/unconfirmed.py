"""Accounts whose address was never confirmed: nobody came in by them, and nothing hangs on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.db import transaction
from django.db.models import Exists, Field, OuterRef, QuerySet

from apps.accounts.actions import UNCONFIRMED_KEPT_FOR
from apps.accounts.models import User
from apps.notifications.mail_log import forget_mailboxes

_AT_ONCE = 500
# What signing up writes beside the account itself.
_PART_OF_IT = (EmailAddress, SocialAccount)


def unconfirmed_accounts(at: datetime) -> QuerySet[User]:
    """Return the accounts that have waited too long for somebody to confirm their address and come in.

    Whatever another row refers to (a gift of staff's, say) is left alone, and so are staff and those that were
    switched off.
    """
    found = _waiting(at)
    # Mostly nobody, and PostgreSQL takes a tenth of a second to plan a question about every table.
    if not found.exists():
        return found.none()
    for field in _references_to_users():
        rows = field.model._base_manager.filter(**{field.name: OuterRef("pk")})
        found = found.filter(~Exists(rows))
    return found


@transaction.atomic
def delete_accounts(found: QuerySet[User]) -> int:
    """Delete a number of these accounts with what is kept about mail to them; return how many."""
    named = list(found.values_list("pk", flat=True)[:_AT_ONCE])
    # While they are locked no row can begin to refer to them; the second look sees those that did before.
    locked = list(User.objects.select_for_update(skip_locked=True).filter(pk__in=named).order_by("pk"))
    unused = list(found.filter(pk__in=[user.pk for user in locked]).values_list("pk", flat=True))
    addresses = list(EmailAddress.objects.filter(user__in=unused).values_list("email", flat=True))
    User.objects.filter(pk__in=unused).delete()
    forget_mailboxes(addresses)
    return len(unused)


def _waiting(at: datetime) -> QuerySet[User]:
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        Exists(addresses),
        ~Exists(addresses.filter(verified=True)),
        created_at__lt=at - UNCONFIRMED_KEPT_FOR,
        last_login=None,
        is_active=True,
        is_staff=False,
        is_superuser=False,
    )


def _references_to_users() -> list[Field[Any, Any]]:  # Any: whatever a field holds
    models = [model for model in apps.get_models() if model not in _PART_OF_IT]
    return [field for model in models for field in model._meta.local_fields if field.related_model is User]
