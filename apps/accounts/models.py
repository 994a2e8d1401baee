"""Who uses the product. The e-mail address is the login; there is no user name."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:  # Any: model field values
        """Create a user; without a password they log in by code only."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:  # Any: as above
        """Create a member of staff who may do everything."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case")]

    def __str__(self) -> str:
        return self.email


class Profile(models.Model):
    """What a user tells about themselves. A missing row is made on the first login."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.PROTECT, related_name="profile")
    display_name = models.CharField(max_length=80, blank=True)
    avatar = models.CharField(max_length=200, blank=True, help_text="name in the default storage; empty for none")
    time_zone = models.CharField(max_length=60, default="UTC")
    welcomed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "profiles"

    def __str__(self) -> str:
        return self.display_name or str(self.user_id)


class ApiKey(models.Model):
    """A key for programs: shown once, stored as SHA-256. `prefix` is its public beginning, to tell keys apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "api_keys"

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class DataExport(models.Model):
    """A zip of all that is kept about a user, made when they ask for it and deleted at `expires_at`."""

    class State(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="data_exports")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    storage_name = models.CharField(max_length=200, blank=True, help_text="name in the default storage, once ready")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "data_exports"
        constraints = [
            models.UniqueConstraint(
                name="data_exports_one_pending", fields=["user"], condition=models.Q(state="pending")
            ),
            models.CheckConstraint(
                name="data_exports_file_iff_ready",
                condition=models.Q(state="ready") & ~models.Q(storage_name="")
                | ~models.Q(state="ready") & models.Q(storage_name=""),
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="data_exports_by_user")]

    def __str__(self) -> str:
        return f"{self.state} export"
