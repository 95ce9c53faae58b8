"""Workspaces, the operators who work in them, and with which role."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.models import Row


class Language(models.TextChoices):
    """The languages Tenfold speaks; each is written in itself, so that anyone finds their own."""

    EN = "en", "English"
    ZH = "zh-hans", "简体中文"


class Workspace(Row):
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class OperatorManager(BaseUserManager["Operator"]):
    def get_by_natural_key(self, username: str | None) -> Operator:
        return self.get(email=(username or "").strip().lower())


class Operator(Row, AbstractBaseUser):
    """Someone who logs in to the console. The e-mail address is kept in lower case."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, choices=Language, default=Language.EN)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[OperatorManager] = OperatorManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


class Membership(Row):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "operator"], name="membership_once")]


class Letter(Row):
    """A mail to an operator that waits to be sent; gone as soon as it was, or was given up. It holds no link: that is
    made when it is sent. The address of a lost password is what somebody has typed, whether anybody has it or not."""

    class Kind(models.TextChoices):
        RESET = "reset"
        INVITATION = "invitation"

    kind = models.CharField(max_length=10, choices=Kind)
    email = models.CharField(max_length=254)
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Operator, null=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True)
    try_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="letter_due")]
