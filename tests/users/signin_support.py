"""Steps that tests of signing in share."""

import time

from django.test import Client as Browser
from django_otp.oath import TOTP

from apps.users.models import Authenticator, User
from apps.users.services import second_factor
from tests.factories.users import make_user

LOGIN = "/admin/login/"
SETUP = "/account/two-factor/"
VERIFY = "/account/two-factor/verify/"
PASSWORD = "a quite long pass phrase"


def make_person(username: str = "kim", **kwargs) -> User:
    """With an address and a password the tests know."""
    user = make_user(username, **kwargs)
    user.email = f"{username}@example.com"
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(browser: Browser, username: str = "kim", password: str = PASSWORD, **extra):
    data = {"username": username, "password": password}
    return browser.post(f"{LOGIN}?next=/account/", data, **extra)


def code_of(user: User, *, steps: int = 0) -> str:
    """What the app on their phone shows now, or some half minutes later."""
    totp = TOTP(Authenticator.objects.get(user=user).binary_key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def wrong_code_of(user: User) -> str:
    right = {code_of(user, steps=steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "000001", "000002") if code not in right)


def with_second_factor(user: User) -> list[str]:
    """Set it up; the backup codes. The code just used does not work again."""
    second_factor.begin(user)
    _, codes = second_factor.confirm(user, code_of(user), address=None)
    return codes
