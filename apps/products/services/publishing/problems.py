"""What keeps a listing from being taken, or what a person should look at first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is the content's ("skus[LAMP-30].price"); one that is no error is
    advice, and does not stop the listing from being sent."""

    field: str
    message: str
    is_error: bool = True


def advice(field: str, message: str) -> Problem:
    return Problem(field, message, is_error=False)


def errors_in(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.is_error]
