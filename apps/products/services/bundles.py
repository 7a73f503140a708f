"""Bundles: variants that are made of others. There is no bundle in a bundle."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from apps.products.errors import Fault, ProductRefused
from apps.products.models import BundleComponent, Variant
from apps.products.services.skus import named

MOST_UNITS = 10_000
_PLUS = re.compile(r"\s+\+\s+|\s*[\r\n]+\s*")
_TIMES = re.compile(r"(?P<sku>\S+?)\s*\*\s*(?P<quantity>[0-9]{1,9})")
NO_COMPONENTS = "A bundle has at least one component."


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules ask of a variant; `in_bundle` is the SKU of one it is part of."""

    is_bundle: bool
    in_bundle: str = ""


def components_from(text: str) -> dict[str, int]:
    """{SKU: units} of “LAMP-30*2 + BULB”: a SKU without a number counts once."""
    found: dict[str, int] = {}
    # A plus at either end, left over from editing, means nothing.
    for part in map(str.strip, _PLUS.split(f" {text.strip()} ")):
        if not part:
            continue
        counted = _TIMES.fullmatch(part)
        sku = counted["sku"] if counted else part
        found[sku] = found.get(sku, 0) + (int(counted["quantity"]) if counted else 1)
    return found


def components_text(components: Iterable[tuple[str, int]]) -> str:
    """The way back, which `components_from` reads again whatever the SKUs are."""
    return " + ".join(
        sku if quantity == 1 and not _TIMES.fullmatch(sku) else f"{sku}*{quantity}"
        for sku, quantity in components
    )


def component_faults(
    sku: str,
    components: Mapping[str, int],
    known: Callable[[str], Known | None],
    *,
    in_bundle: str = "",
) -> list[str]:
    """What is wrong with a bundle's components, in sentences.

    `known` answers for a SKU of the client, None where there is none; `in_bundle` is
    the SKU of a bundle that `sku` is part of.
    """
    if not components:
        return [NO_COMPONENTS]
    faults = []
    if in_bundle:
        faults.append(
            f"{sku} is part of the bundle {in_bundle}, so it cannot be a bundle itself."
        )
    for part, quantity in components.items():
        found = known(part)
        if part.lower() == sku.lower():
            faults.append("A bundle is not made of itself.")
        elif found is None:
            faults.append(
                f"There is no SKU “{part}” of this client. Several are parted by a "
                "plus with spaces around it: A*2 + B."
            )
        elif found.is_bundle:
            faults.append(f"{part} is a bundle; bundles are made of single variants.")
        elif not 1 <= quantity <= MOST_UNITS:
            faults.append(f"Of {part} there are 1 to {MOST_UNITS:,} in a bundle.")
    return faults


def set_components(
    bundle: Variant, components: Mapping[str, int], *, row: int | None = None
) -> str:
    """Let a variant be made of these, {SKU: units}; what changed, in words.

    Belongs in a transaction: all variants concerned are locked, in the order of their
    keys, so that what is part of a bundle never becomes one. Raises ProductRefused.
    """
    found = _locked(bundle, components)
    bundle.is_bundle = found[bundle.sku.lower()].is_bundle
    known = {
        sku: Known(is_bundle=each.is_bundle, in_bundle="")
        for sku, each in found.items()
    }
    faults = component_faults(
        bundle.sku,
        components,
        lambda sku: known.get(sku.lower()),
        in_bundle=bundle_of(bundle),
    )
    if faults:
        raise ProductRefused([Fault("components", each, row) for each in faults])
    wanted: dict[int, int] = {}
    for sku, quantity in components.items():
        key = found[sku.lower()].pk
        wanted[key] = wanted.get(key, 0) + quantity
    return _replace(bundle, wanted)


def dissolve(bundle: Variant) -> str:
    """Let a bundle be an ordinary variant; what it was made of, in words."""
    return _replace(bundle, {})


def bundle_of(variant: Variant) -> str:
    """The SKU of a bundle the variant is part of; empty if of none."""
    row = variant.in_bundles.select_related("bundle").first()
    return row.bundle.sku if row else ""


def _locked(bundle: Variant, components: Mapping[str, int]) -> dict[str, Variant]:
    """{SKU in lower case: variant} of the bundle and its components to be."""
    parts = named(bundle.client_id, components)
    keys = [bundle.pk, *parts.values_list("pk", flat=True)]
    rows = (
        Variant.objects.select_for_update(no_key=True)
        .filter(pk__in=keys)
        .order_by("pk")
    )
    return {row.sku.lower(): row for row in rows}


def _replace(bundle: Variant, wanted: Mapping[int, int]) -> str:
    stored = {row.component_id: row for row in bundle.components.all()}
    before = {key: row.quantity for key, row in stored.items()}
    is_bundle = bool(wanted)
    if before == wanted and bundle.is_bundle == is_bundle:
        return ""
    was = _words(bundle)
    bundle.components.exclude(component__in=wanted).delete()
    for key, quantity in wanted.items():
        BundleComponent.objects.update_or_create(
            bundle=bundle, component_id=key, defaults={"quantity": quantity}
        )
    # Also where only the components differ: whoever asks what has changed must see it.
    bundle.is_bundle = is_bundle
    bundle.save(update_fields=["is_bundle", "modified_at"])
    return f"made of: {was or '—'} → {_words(bundle) or '—'}"


def _words(bundle: Variant) -> str:
    rows = bundle.components.select_related("component").order_by("pk")
    return components_text((row.component.sku, row.quantity) for row in rows)
