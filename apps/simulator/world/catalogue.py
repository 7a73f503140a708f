"""What the shops sell: products, their SKUs, and bundles made of them."""

from dataclasses import dataclass

from apps.simulator.world.media import seed_uri
from apps.simulator.world.regions import Region, price
from apps.simulator.world.rolls import digits, rng, roll

# title, worth in hundredths of a dollar, variants
_Row = tuple[str, int, tuple[str, ...]]
_SIZES = ("S", "M", "L", "XL")

_ENGLISH: tuple[_Row, ...] = (
    ("Cotton T-shirt, relaxed fit", 1499, _SIZES),
    ("Stainless steel water bottle 750 ml", 1899, ("Sand", "Forest", "Navy")),
    ("Ceramic pour-over coffee set", 2999, ("White", "Charcoal")),
    ("LED desk lamp with dimmer", 2499, ("Black", "White")),
    ("Lip balm trio", 799, ("Honey", "Berry", "Mint")),
    ("Yoga mat 6 mm", 2299, ("Plum", "Slate")),
    ("Linen throw blanket", 3499, ("Oat", "Rust", "Sage")),
    ("Phone stand, foldable", 999, ("Silver", "Black")),
)
_TITLES: dict[str, tuple[_Row, ...]] = {
    "US": _ENGLISH,
    "GB": _ENGLISH,
    "DE": (
        ("Kaffeebecher aus Steingut, groß", 1599, ("Grün", "Weiß", "Schiefer")),
        ("Küchenschürze mit Taschen", 2199, ("Natur", "Dunkelblau")),
        ("Türstopper aus Filz", 899, ("Grau", "Anthrazit")),
        ("Schreibtischlampe, dimmbar", 3999, ("Schwarz", "Weiß")),
        ("Frühstücksbrettchen, 4 Stück", 2499, ("Eiche", "Nuss")),
        ("Handtücher, Bio-Baumwolle", 2999, ("Sand", "Salbei", "Blau")),
    ),
    "MY": (
        ("Bekas makanan kedap udara", 799, ("600 ml", "1 L", "1.5 L")),
        ("Sarung bantal satin", 499, ("Krim", "Kelabu", "Merah jambu")),
        ("Non-stick frying pan 26 cm", 1899, ("Hitam", "Batu")),
        ("Penyidai lipat", 1599, ("Putih",)),
        ("Bamboo cutlery set 🥢", 599, ("Natural", "Dark")),
        ("Lampu malam sensor", 699, ("Putih", "Kuning")),
    ),
    "ID": (
        ("Kaos katun polos unisex", 399, _SIZES),
        ("Hijab segi empat voal", 299, ("Hitam", "Mocca", "Sage", "Dusty Pink")),
        ("Celana kulot linen", 699, _SIZES),
        ("Tas selempang kanvas", 599, ("Hitam", "Cokelat")),
        ("Sandal jepit wanita", 249, ("36", "37", "38", "39", "40")),
        ("Gamis harian motif bunga", 1199, _SIZES),
        ("Masker kain 3 lapis isi 10", 199, ("Campur",)),
    ),
    "TH": (
        ("เสื้อยืดผ้าฝ้าย คอกลม", 399, _SIZES),
        ("ขวดน้ำสแตนเลส 500 มล.", 699, ("สีดำ", "สีขาว", "สีชมพู")),
        ("ชุดผ้าปูที่นอน 5 ฟุต", 1299, ("สีเทา", "สีครีม")),
        ("กล่องเก็บของพับได้", 349, ("เล็ก", "กลาง", "ใหญ่")),
        ("ครีมกันแดด SPF50+", 599, ("50 มล.",)),
        ("โคมไฟตั้งโต๊ะ LED", 899, ("สีขาว", "สีดำ")),
    ),
    "VN": (
        ("Áo thun cotton form rộng", 449, _SIZES),
        ("Bình giữ nhiệt inox 500ml", 799, ("Đen", "Trắng", "Hồng")),
        ("Bộ chăn ga gối 4 món", 1999, ("Xám", "Be")),
        ("Hộp đựng thực phẩm", 349, ("Bộ 3", "Bộ 5")),
        ("Tai nghe không dây", 999, ("Đen", "Trắng")),
        ("Kệ gỗ để bàn", 899, ("Nâu", "Trắng")),
        ("Nón vải vành tròn", 299, ("Kem", "Đen")),
    ),
}
_LINES = ("", " · Plus", " · Mini")
_LINE_FACTORS = (100, 140, 70)


@dataclass(frozen=True, slots=True, eq=False)
class Sku:
    id: str
    product_id: str
    title: str
    name: str  # of the variant, empty for none
    seller_sku: str
    price: int  # list price in the currency's smallest unit
    image: str  # its URI
    parts: tuple[tuple["Sku", int], ...] = ()  # what a bundle consists of


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    id: str
    title: str
    skus: tuple[Sku, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    products: tuple[Product, ...]
    skus: dict[str, Sku]

    def parts(self, sku_id: str) -> tuple[tuple[Sku, int], ...]:
        """What a bundle consists of; nothing for other SKUs, known or not."""
        return self.skus[sku_id].parts if sku_id in self.skus else ()


def grow_catalogue(seed: int, shop_number: int, region: Region) -> Catalogue:
    """About twenty products per shop, the last two of them bundles."""
    products = []
    for line, factor in zip(_LINES, _LINE_FACTORS, strict=True):
        for row, (title, worth, variants) in enumerate(_TITLES[region.code]):
            key = (seed, shop_number, row, factor)
            products.append(
                _product(key, title + line, worth * factor // 100, variants, region)
            )
    for number in range(2):
        products.append(_bundle((seed, shop_number, "set", number), products))
    skus = {sku.id: sku for product in products for sku in product.skus}
    return Catalogue(tuple(products), skus)


def _product(
    key: tuple[object, ...],
    title: str,
    worth: int,
    variants: tuple[str, ...],
    region: Region,
) -> Product:
    product_id = digits("1729", 19, "product", *key)
    prefix = f"{region.code}-{roll(*key) % 9000 + 1000}"
    skus = tuple(
        Sku(
            id=digits("1730", 19, "sku", n, *key),
            product_id=product_id,
            title=title,
            name=variant,
            seller_sku=f"{prefix}-{n + 1:02d}",
            price=price(region, worth + 100 * n),
            image=seed_uri(product_id, n),
        )
        for n, variant in enumerate(variants)
    )
    return Product(product_id, title, skus)


def _bundle(key: tuple[object, ...], products: list[Product]) -> Product:
    chance = rng("bundle", *key)
    parts = tuple(
        (chance.choice(product.skus), count)
        for product, count in zip(chance.sample(products, 2), (1, 2), strict=True)
    )
    worth = sum(sku.price * count for sku, count in parts)
    product_id = digits("1729", 19, "product", *key)
    title = " + ".join(sku.title for sku, _ in parts)
    sku = Sku(
        id=digits("1730", 19, "sku", *key),
        product_id=product_id,
        title=title,
        name="",
        seller_sku="SET-" + "-".join(sku.seller_sku[-7:] for sku, _ in parts),
        price=worth,
        image=seed_uri(product_id, 0),
        parts=parts,
    )
    return Product(product_id, title, (sku,))
