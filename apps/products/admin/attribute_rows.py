"""One attribute of a category: as a form shows it, and what the form says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest

from apps.integrations.contracts import RemoteAttribute
from apps.products.models import AttributeRule, ListingDraft
from apps.products.services.publishing.attributes import value_of
from apps.products.services.publishing.problems import Problem

Source = AttributeRule.Source
# More values than these are found by typing, not in a list to scroll.
MOST_LISTED = 300
Value = dict[str, str]


@dataclass(slots=True)
class Row:
    """One attribute as the form shows it."""

    attribute: RemoteAttribute
    is_required: bool
    chosen: list[Value]
    rule: AttributeRule | None
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attribute.remote_id

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(value ID, name, whether it is chosen)."""
        ids = {value.get("id") for value in self.chosen}
        names = {
            value.get("name", "").casefold()
            for value in self.chosen
            if not value.get("id")
        }
        return [
            (
                value.remote_id,
                value.name,
                value.remote_id in ids or value.name.casefold() in names,
            )
            for value in self.attribute.values[:MOST_LISTED]
        ]

    @property
    def own(self) -> str:
        """What was chosen that the list does not offer."""
        listed = {value_id for value_id, _, _ in self.choices}
        offered = {name.casefold() for _, name, _ in self.choices}
        return ", ".join(
            value.get("name") or value.get("id", "")
            for value in self.chosen
            if value.get("id") not in listed
            and value.get("name", "").casefold() not in offered
        )

    @property
    def takes_own(self) -> bool:
        """Whether words may be typed: ours, or a value the list is too long for."""
        return (
            self.attribute.is_customizable
            or len(self.attribute.values) > MOST_LISTED
            or not self.attribute.values
        )

    @property
    def rule_words(self) -> str:
        """What the rule of this category says; a form does not apply it unasked."""
        if self.rule is None:
            return ""
        if self.rule.source == Source.FIXED:
            names = [value.get("name") or value.get("id") for value in self.rule.values]
            return f"always {', '.join(str(name) for name in names)}"
        words = f"our {self.rule.get_field_display().lower()}"
        return f"{words} by a map" if self.rule.source == Source.MAP else words

    @property
    def rule_field(self) -> str:
        return self.rule.field if self.rule else ""

    @property
    def map_text(self) -> str:
        """A line for each of our values: "Red = Crimson"."""
        if self.rule is None:
            return ""
        return "\n".join(
            f"{ours} = {entry.get('name') or entry.get('id', '')}"
            for ours, entry in self.rule.value_map.items()
        )


@dataclass(slots=True)
class Asked:
    """What the form says of one attribute."""

    attribute: RemoteAttribute
    values: list[Value]
    source: str
    field: str
    value_map: dict[str, Value]
    keeps: bool

    @classmethod
    def of(
        cls, attribute: RemoteAttribute, request: HttpRequest, warnings: list[str]
    ) -> "Asked":
        sent, key = request.POST, attribute.remote_id
        source = sent.get(f"s-{key}", Source.FIXED)
        return cls(
            attribute,
            chosen_in(attribute, sent.getlist(f"a-{key}"), sent.get(f"o-{key}", "")),
            source if source in Source.values else Source.FIXED,
            sent.get(f"f-{key}", ""),
            map_in(attribute, sent.get(f"m-{key}", ""), warnings),
            f"k-{key}" in sent,
        )

    def rule(self, draft: ListingDraft, category_id: str) -> AttributeRule:
        """As it would be, not stored."""
        return AttributeRule(
            client_id=draft.shop.client_id,
            region=draft.shop.region,
            category_remote_id=category_id,
            attribute_remote_id=self.attribute.remote_id,
            source=self.source,
            field=self.field,
            value_map=self.value_map,
        )


def chosen_in(
    attribute: RemoteAttribute, ids: Sequence[str], typed: str
) -> list[Value]:
    names = {value.remote_id: value.name for value in attribute.values}
    chosen = [{"id": key, "name": names[key]} for key in ids if key in names]
    parts = typed.split(",") if attribute.is_multiple else [typed]
    for part in parts:
        if words := part.strip()[:200]:
            # What the attribute does not know is kept as typed; the rules say so.
            chosen.append(value_of(attribute, words) or {"name": words})
    return list({(v.get("id"), v.get("name")): v for v in chosen}.values())


def map_in(
    attribute: RemoteAttribute, text: str, warnings: list[str]
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for line in text.splitlines()[:500]:
        if not line.strip():
            continue
        ours, is_pair, told = line.partition("=")
        value = value_of(attribute, told) if is_pair else None
        if value is None or not ours.strip():
            warnings.append(
                f"{attribute.name}: “{line.strip()[:80]}” was left out. Write "
                "“our value = TikTok's value”, with a value the attribute has."
            )
        else:
            found[ours.strip()] = value
    return found
