"""`python -m tests.hosts.start PROMPT`: order a video as a customer with credits, and print its job.

`--key` prints a key for the API instead.
"""

from __future__ import annotations

import sys
import uuid

import django

if __name__ == "__main__":
    django.setup()
    from django.utils import timezone

    from apps.accounts.api_keys import create_key
    from apps.accounts.models import User
    from apps.billing import ledger
    from apps.billing.models import Source
    from tests.engine.conftest import start

    email = f"{uuid.uuid4().hex}@example.com"
    user = User.objects.create_user(email)
    ledger.grant(user_id=user.pk, credits=1000, source=Source.GIFT, reason="", key=email, at=timezone.now())
    is_key = sys.argv[1] == "--key"
    sys.stdout.write(
        str(create_key(user=user, name="hosts", at=timezone.now())[1] if is_key else start(user, sys.argv[1]).pk)
    )
