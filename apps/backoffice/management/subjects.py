"""Whose data a command is about: a buyer, or somebody who signs in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.core.management.reporting import ExitCode
from apps.orders.services.privacy import Subject, find_subjects
from apps.platforms.management.shops import shop_named
from apps.platforms.models import Shop
from apps.users.models import User


def add_subject_options(parser: ArgumentParser) -> None:
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--buyer", metavar="HANDLE", help="handle or TikTok user ID")
    who.add_argument("--order", metavar="ID", help="the buyer of this order")
    who.add_argument("--user", metavar="NAME", help="username or mail address")
    parser.add_argument(
        "--shop", metavar="ID|NAME", help="the buyer's shop, where several have one"
    )


def chosen_subject(options: dict[str, Any]) -> Subject:
    """The one buyer the options name. Raises CommandError (exit 2) for none or more."""
    text = options["buyer"] or options["order"]
    shops = Shop.objects.all()
    if options["shop"]:
        shops = shops.filter(pk=shop_named(options["shop"]).pk)
    found = find_subjects(shops, text)
    if not found:
        raise CommandError(f"No buyer “{text}”.", returncode=ExitCode.USAGE)
    if len(found) > 1:
        where = ", ".join(f"{subject.shop} is {subject.shop.pk}" for subject in found)
        raise CommandError(
            f"“{text}” is known in several shops: {where}. Say which with --shop.",
            returncode=ExitCode.USAGE,
        )
    return found[0]


def chosen_person(name: str) -> User:
    """By username, else by mail address. Raises CommandError (exit 2) for nobody."""
    person = (
        User.objects.filter(username=name).first()
        or User.objects.filter(email__iexact=name).exclude(email="").first()
    )
    if person is None:
        raise CommandError(f"No person “{name}”.", returncode=ExitCode.USAGE)
    return person
