"""Figures as sentences have them."""

from apps.credit.rules.features import Features


def dollars(value: float) -> str:
    text = f"${abs(value):,.0f}"
    return f"-{text}" if value <= -0.5 else text


def percent(share: float) -> str:
    text = f"{100 * share:.1f}"
    return f"{text.removesuffix('.0')}%"


def figure(value: float) -> str:
    return f"{value:,.0f}"


def count(value: float, noun: str) -> str:
    text = figure(value)
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def weeks_known(features: Features) -> int:
    return len([week for week in features.weekly_income if week is not None])
