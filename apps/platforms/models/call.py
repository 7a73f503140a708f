"""The log of calls to the platforms, secrets and buyers masked."""

from typing import Self

from django.db import models
from django.utils import timezone

from apps.platforms.models.credential import ApiApp
from apps.platforms.models.shop import Shop, at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_CALL


class ApiCallQuerySet(models.QuerySet["ApiCall"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Calls for shops the user sees; those for no shop (tokens) to superusers."""
        return self.filter(at_shops_of(user, VIEW_CALL))

    def errors(self) -> Self:
        """Calls the platform did not answer, or answered with an error of its own."""
        return self.exclude(code=0, http_status=200)


class ApiCall(models.Model):
    """One finished call. `code` is the platform's, `http_status` 0 where none came."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="api_calls"
    )
    api_app = models.ForeignKey(
        ApiApp, models.CASCADE, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=160)
    http_status = models.PositiveSmallIntegerField("HTTP status")
    code = models.BigIntegerField()
    message = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField("ms")
    request_id = models.CharField("request ID", max_length=64, blank=True)
    request = models.TextField(blank=True, help_text="Masked, cut to 2,000 characters.")
    response = models.TextField(blank=True, help_text="Masked, cut likewise.")

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "API call"
        indexes = [
            models.Index(fields=["shop", "-at"], name="api_call_shop"),
            models.Index(fields=["-at"], name="api_call_at"),
            models.Index(
                fields=["code", "path", "-at"],
                condition=~models.Q(code=0),
                name="api_call_errors",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.code}"
