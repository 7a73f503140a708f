"""Forms about oneself. Fields are named so that no log ever shows what they hold: see
AXES_SENSITIVE_PARAMETERS."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from apps.users.models import User
from apps.users.services.signin import LOCKED


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """The theme's, that says so when there were too many failures."""

    def get_invalid_login_error(self) -> ValidationError:
        if getattr(self.request, "axes_locked_out", False):
            return ValidationError(LOCKED, code="locked")
        error: ValidationError = super().get_invalid_login_error()
        return error


class PasswordConfirmed(forms.Form):
    """Asks for one's own password; wrong ones count like failed sign-ins."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    request: HttpRequest

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        user = self.request.user
        name = user.get_username()
        if authenticate(self.request, username=name, password=password) == user:
            return password
        if getattr(self.request, "axes_locked_out", False):
            raise ValidationError("Too many wrong passwords. Try again in 15 minutes.")
        raise ValidationError("That is not your password.")


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["first_name", "last_name"]


class EmailForm(PasswordConfirmed, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["email"]
        labels = {"email": "E-mail address"}

    field_order = ["email", "password"]

    def __init__(self, data: Any, *, request: HttpRequest, user: User) -> None:
        self.request = request
        super().__init__(data, instance=user)
        self.fields["email"].required = True


class ChangePasswordForm(PasswordConfirmed, SetPasswordForm):  # type: ignore[type-arg]
    field_order = ["password", "new_password1", "new_password2"]

    def __init__(self, data: Any, *, request: HttpRequest, user: User) -> None:
        self.request = request
        super().__init__(user, data)


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=32,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class ProofForm(PasswordConfirmed, CodeForm):
    """Both factors, for what weakens or renews one of them."""

    field_order = ["password", "code"]

    def __init__(self, data: Any, *, request: HttpRequest) -> None:
        self.request = request
        super().__init__(data)
        del self.fields["code"].widget.attrs["autofocus"]


class ResetForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput({"autocomplete": "email", "autofocus": True}),
    )
