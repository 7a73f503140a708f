"""Which attributes the products of a category have, by the category's profile."""

from dataclasses import dataclass

from apps.simulator.world.rolls import digits

SALES, PRODUCT = "SALES_PROPERTY", "PRODUCT_PROPERTY"
NUMBER = "POSITIVE_INT_OR_DECIMAL"


@dataclass(frozen=True, slots=True)
class Value:
    id: str
    name: str  # in English; words.translated() knows the others


@dataclass(frozen=True, slots=True)
class Condition:
    """Met by a product whose attribute has this value."""

    attribute_id: str
    value_id: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`is_required` always; with `conditions`, as soon as one of them is met."""

    id: str
    name: str  # in English
    type: str
    is_required: bool
    values: tuple[Value, ...] = ()
    is_customizable: bool = False
    is_multiple_selection: bool = False
    value_data_format: str = ""
    conditions: tuple[Condition, ...] = ()


def value_id(name: str) -> str:
    return digits("10", 7, "attribute value", name)


def attribute_id(key: str) -> str:
    return digits("10", 6, "attribute", key)


def condition(key: str, value: str) -> Condition:
    return Condition(attribute_id(key), value_id(value))


# key: (name, values, what it is: s a sales property, c customizable, m several values,
# n a number). Keys that share a name are one attribute to a seller, two to the API.
_DEFINED: dict[str, tuple[str, tuple[str, ...], str]] = {
    "Size": ("Size", ("S", "M", "L", "XL", "XXL"), "sc"),
    "Shoe Size": ("Shoe Size", tuple(str(size) for size in range(35, 46)), "sc"),
    "Color": (
        "Color",
        ("Black", "White", "Gray", "Blue", "Green", "Red", "Pink", "Brown", "Beige"),
        "sc",
    ),
    "Capacity": ("Capacity", ("500 ml", "750 ml", "1 L"), "sc"),
    "Flavor": ("Flavor", (), "sc"),
    "Specification": ("Specification", (), "sc"),
    "Storage": ("Storage", ("64 GB", "128 GB", "256 GB"), "s"),
    "Fabric": (
        "Material",
        ("Cotton", "Linen", "Polyester", "Wool", "Satin", "Leather", "Canvas"),
        "cm",
    ),
    "Solid": (
        "Material",
        ("Stainless Steel", "Ceramic", "Glass", "Plastic", "Wood", "Bamboo", "Metal",
         "Silicone"),
        "cm",
    ),
    "Pattern": ("Pattern", ("Plain", "Striped", "Floral", "Printed"), ""),
    "Season": ("Season", ("All Seasons", "Summer", "Winter"), "m"),
    "Care": ("Care Instructions", ("Machine Wash", "Hand Wash", "Dry Clean"), "m"),
    "Fit": ("Fit", ("Regular", "Relaxed", "Slim"), ""),
    "Age Group": ("Age Group", ("Adult", "Child", "Baby"), ""),
    "Closure": ("Closure Type", ("Zipper", "Button", "Slip-on"), ""),
    "Sole": ("Sole Material", ("Rubber", "EVA", "PU"), "c"),
    "Net Content": ("Net Content", (), "cn"),
    "Skin Type": ("Skin Type", ("All Skin Types", "Dry", "Oily", "Sensitive"), "m"),
    "Ingredients": ("Ingredients", (), "c"),
    "Shelf Life": ("Shelf Life", ("12 Months", "24 Months", "36 Months"), ""),
    "Form": ("Product Form", ("Cream", "Liquid", "Stick"), "c"),
    "Flammable": ("Contains Flammable Liquid", ("Yes", "No"), ""),
    "Power": ("Power Source", ("Mains", "Battery", "USB"), ""),
    "Plug": ("Plug Type", ("Type A", "Type C", "Type F", "Type G"), ""),
    "Battery": ("Battery Type", ("Lithium-ion", "Alkaline"), ""),
    "Voltage": ("Voltage", (), "cn"),
    "Wattage": ("Wattage", (), "cn"),
    "Connectivity": ("Connectivity", ("Bluetooth", "Wi-Fi", "Wired"), "m"),
    "Warranty": (
        "Warranty Type",
        ("Manufacturer Warranty", "Seller Warranty", "No Warranty"),
        "",
    ),
    "Models": ("Compatible Models", (), "cm"),
    "Dishwasher": ("Dishwasher Safe", ("Yes", "No"), ""),
    "Pieces": ("Number of Pieces", (), "cn"),
    "Width": ("Width", (), "cn"),
    "Height": ("Height", (), "cn"),
    "Thickness": ("Thickness", (), "cn"),
    "Assembly": ("Assembly Required", ("Yes", "No"), ""),
    "Keeping": ("Storage Condition", ("Room Temperature", "Chilled", "Frozen"), ""),
    "Allergens": ("Allergens", ("No Allergens", "Milk", "Nuts", "Gluten"), "m"),
    "Age": ("Recommended Age", ("0-3 Years", "3-6 Years", "Over 6 Years"), ""),
    "Pet": ("Pet Type", ("Dog", "Cat"), "m"),
    "Paper": ("Paper Type", ("Lined", "Blank", "Dotted"), ""),
    "Layers": ("Filter Layers", (), "cn"),
    "Origin": (
        "Country of Origin",
        ("China", "Germany", "Indonesia", "Thailand", "United States", "Vietnam"),
        "c",
    ),
}  # fmt: skip
# A trailing ! is required; `Plug?Power=Mains` is required with that value of Power.
_OF_PROFILE = {
    "apparel": "Size! Color Fabric! Pattern Season Fit Care Age_Group",
    "hijab": "Color! Fabric! Pattern Care",
    "shoes": "Shoe_Size! Color Sole! Closure Season",
    "bags": "Color Fabric! Closure Pattern",
    "accessory": "Color Size Fabric Season",
    "mask": "Color Fabric! Layers",
    "jewelry": "Color Solid! Pieces",
    "skincare": "Specification Flavor Net_Content! Ingredients! Skin_Type! Shelf_Life "
    "Form Origin",
    "makeup": "Color Net_Content! Ingredients! Flammable! Shelf_Life Form",
    "haircare": "Specification Net_Content! Ingredients! Shelf_Life Form",
    "home": "Color Specification Solid Width Height",
    "kitchen": "Color Specification Capacity Solid! Dishwasher Pieces",
    "drinkware": "Color Capacity Solid! Dishwasher",
    "textile": "Color Size Fabric! Pattern Care Pieces",
    "furniture": "Color Solid! Assembly! Width Height",
    "lighting": "Color Power! Plug?Power=Mains Battery?Power=Battery Voltage Wattage "
    "Warranty",
    "tool": "Specification Solid Power Battery?Power=Battery",
    "appliance": "Color Power! Plug?Power=Mains Battery?Power=Battery Voltage Wattage! "
    "Capacity Warranty!",
    "phone": "Color Models Solid",
    "smartphone": "Color! Storage! Battery! Warranty! Connectivity",
    "charger": "Color Specification Plug! Wattage! Models Warranty",
    "audio": "Color Connectivity! Power! Battery?Power=Battery Warranty",
    "sport": "Color Size Thickness Fabric",
    "food": "Flavor Specification Net_Content! Ingredients! Allergens! Keeping "
    "Shelf_Life! Origin!",
    "drink": "Flavor Specification Net_Content! Ingredients! Shelf_Life! Origin",
    "baby": "Size Specification Age! Pieces",
    "toy": "Color Specification Age! Solid Pieces Power Battery?Power=Battery",
    "pet": "Color Size Pet! Fabric",
    "stationery": "Color Specification Paper Pieces",
}


def attributes_of(profile: str) -> tuple[Attribute, ...]:
    return tuple(_attribute(word) for word in _OF_PROFILE[profile].split())


def _attribute(word: str) -> Attribute:
    """From a word of the table above."""
    word, _, when = word.partition("?")
    key = word.rstrip("!").replace("_", " ")
    name, values, marks = _DEFINED[key]
    return Attribute(
        id=attribute_id(key),
        name=name,
        type=SALES if "s" in marks else PRODUCT,
        is_required=word.endswith("!"),
        values=tuple(Value(value_id(value), value) for value in values),
        is_customizable="c" in marks,
        is_multiple_selection="m" in marks,
        value_data_format=NUMBER if "n" in marks else "",
        conditions=(condition(*when.split("=")),) if when else (),
    )
