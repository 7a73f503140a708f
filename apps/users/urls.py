"""Addresses about oneself: the account, signing in, invitations."""

from django.urls import path

from apps.users.views import account, invitation, preview, reset, second_factor, tokens

app_name = "users"
urlpatterns = [
    path("", account.account, name="account"),
    path("password/", account.password, name="password"),
    path("password/reset/", reset.password_reset, name="password_reset"),
    path("password/reset/sent/", reset.password_reset_sent, name="password_reset_sent"),
    path(
        "password/reset/<uidb64>/<token>/",
        reset.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path("two-factor/", second_factor.setup, name="two_factor_setup"),
    path("two-factor/verify/", second_factor.verify, name="two_factor_verify"),
    path("two-factor/off/", second_factor.turn_off, name="two_factor_off"),
    path("two-factor/codes/", second_factor.backup_codes, name="backup_codes"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("preview/<int:user_id>/", preview.start, name="preview_start"),
    path("preview/stop/", preview.stop, name="preview_stop"),
]
