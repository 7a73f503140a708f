"""Which kind of file has which headings: the one table by which files are told apart.

Headings are normalised, see headers.normalise. What is in brackets at their end (the
currency: "GMV (RM)") does not count. Source: exports of Seller Center, Partner Center
and the creators' app in English, Indonesian and Japanese; our own stock, tracking and
mapping files.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from apps.integrations.tiktok.exports.headers import (
    BY_NAME,
    EITHER,
    MANDATORY,
    Column,
    normalise,
)

LONGEST_HEADING = 200
_BRACKET = re.compile(r"\s*[(（][^()（）]*[)）]$")  # noqa: RUF001 - Japanese brackets


class FileKind(StrEnum):
    """What a file is about."""

    ORDERS = "orders"
    RETURNS = "returns"
    SETTLEMENT = "settlement"
    UNSETTLED = "unsettled"
    AFFILIATE = "affiliate"
    CREATOR = "creator"
    CREATOR_PERFORMANCE = "creator_performance"
    LIVE = "live"
    VIDEO = "video"
    PRODUCT_ANALYTICS = "product_analytics"
    SHOP_ANALYTICS = "shop_analytics"
    PRODUCTS = "products"
    STOCK = "stock"
    TRACKING = "tracking"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class Signature:
    """The headings of a kind.

    `needs` are what it cannot be read without, each with its other names; `signs` are
    headings that no other kind has; `known` are others that it may have. Of a kind
    with headings that any table could have (`is_plain`), most of a file's must be its.
    `place` is where such a file is offered, as the end of a sentence.
    """

    kind: FileKind
    what: str
    place: str
    needs: tuple[tuple[str, ...], ...]
    signs: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    sheets: frozenset[str] = frozenset()
    is_plain: bool = False

    def lacks(self, names: frozenset[str]) -> tuple[str, ...]:
        """What it needs and `names` (see names_of) do not have, by the usual names."""
        return tuple(need[0] for need in self.needs if names.isdisjoint(need))

    def own(self, cells: Iterable[str]) -> int:
        """How many of these (raw) headings are its own."""
        mine = _OWN[self.kind]
        return sum(not mine.isdisjoint(_forms(cell)) for cell in cells)


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(each) for each in text.split(";") if each.strip())


def _loose(text: str) -> tuple[str, ...]:
    """Names with and without their blanks."""
    names = [normalise(each) for each in text.split(";")]
    return tuple(dict.fromkeys([*names, *(name.replace(" ", "") for name in names)]))


def _import_as(kind: str) -> str:
    return f"import it as {kind}"


_KEPT = "upload it on the page of imports, where it is kept until such files are read"
_NOT_READ = "such files are not read here"

SIGNATURES = (
    Signature(
        FileKind.RETURNS,
        "a returns and refunds file",
        _import_as("returns"),
        needs=(
            ("return order id",),
            ("order id",),
            ("return type",),
            ("return status",),
            ("return quantity",),
            ("sku id", "seller sku"),
        ),
        signs=_words(
            "return order id; return status; return sub status; return quantity; "
            "return logistics tracking id; return unit price; compensation status; "
            "compensation amount"
        ),
        known=_words(
            "order amount; order status; order substatus; payment method; product name;"
            "sku name; buyer username; time requested; return reason; refund time;"
            "refund amount; dispute status; appeal status; buyer note"
        ),
    ),
    Signature(
        FileKind.UNSETTLED,
        "a file of orders not yet settled",
        _import_as("settlement"),
        needs=(
            ("order/adjustment id", "id pesanan/penyesuaian", "order id"),
            ("total estimated settlement amount", "estimated settlement amount"),
        ),
        signs=_words(
            "total estimated settlement amount; estimated settlement amount;"
            "estimated settle time; unsettled reasons"
        ),
        known=_words("type; currency; total revenue; total fees; order created time"),
        sheets=_words("unsettled order and adjustment"),
    ),
    Signature(
        FileKind.SETTLEMENT,
        "a settlement (income) file",
        _import_as("settlement"),
        needs=(
            ("order/adjustment id", "id pesanan/penyesuaian"),
            ("type", "transaction type", "jenis transaksi"),
            ("total settlement amount", "jumlah penyelesaian pembayaran"),
        ),
        signs=_words(
            "total settlement amount; order/adjustment id; id pesanan/penyesuaian;"
            "statement id; jumlah penyelesaian pembayaran; id pesanan terkait;"
            "related order id; ajustment amount"
        ),
        known=_words(
            "statement date; order created time; order created date; currency;"
            "order settled time; total revenue; total fees; transaction fee; sku id;"
            "quantity; product name; sku name; tiktok shop commission fee; net sales;"
            "gross sales; referral fee; affiliate commission; customer payment;"
            "customer refund; adjustment amount; subtotal after seller discounts;"
            "subtotal before discounts; seller discounts; shipping; fees;"
            "waktu pemesanan; waktu pembayaran pesanan; mata uang; total pendapatan;"
            "total biaya; biaya komisi platform; komisi dinamis; komisi afiliasi;"
            "biaya pemrosesan pesanan; detail produk terjual; sumber pesanan;"
            "subtotal setelah diskon penjual; subtotal sebelum diskon; diskon penjual;"
            "jumlah penyesuaian"
        ),
        sheets=_words("order details; detail pesanan"),
    ),
    Signature(
        FileKind.CREATOR,
        "a file of a creator's own orders",
        "read it in with the command import_creator_file, into a creator's account",
        needs=(
            ("order id", "注文id"),
            ("shop name", "shop code", "ショップ名"),
            (
                "order settlement status",
                "total final earned amount",
                "注文決済ステータス",
            ),
            ("product id", "sku id", "商品id"),
        ),
        signs=_words(
            "order settlement status; total final earned amount; est. pit;"
            "shared with partner; commission settlement date; 注文決済ステータス"
        ),
        known=_words(
            "product name; price; items sold; items refunded; affiliate partner;"
            "agency; currency; order type; indirect; commission type; content type;"
            "content id; gmv; est. commission base; actual commission base;"
            "standard commission; shop ads commission; bonus; order date; 商品名;"
            "価格; コンテンツid"
        ),
    ),
    Signature(
        FileKind.AFFILIATE,
        "an affiliate orders file",
        _import_as("affiliate"),
        needs=(
            ("order id", "注文id"),
            ("creator username", "クリエイターのユーザー名"),
            ("content id", "content type", "コンテンツid", "コンテンツタイプ"),
            ("sku id", "sku", "product id", "商品id"),
        ),
        signs=_words(
            "est. commission base; actual commission base; standard commission rate;"
            "est. standard commission payment; actual commission payment;"
            "time commission paid; サブ注文id"
        ),
        known=_words(
            "product name; seller sku; price; payment amount; currency; quantity;"
            "payment method; order status; fully returned or refunded;"
            "commission model; shop ads commission rate; time created; payment time;"
            "ready to ship time; order delivery time; platform; live id; shop code;"
            "partner campaign id; 注文状況; 商品名; 価格; 数量; ショップ名;"
            "ショップコード"
        ),
    ),
    Signature(
        FileKind.CREATOR_PERFORMANCE,
        "a creator performance file",
        "read it in with the command import_creator_totals, which is told the days",
        needs=(
            (
                "creator name",
                "creator username",
                "creator nickname",
                "クリエイターのユーザー名",
            ),
            ("creator-attributed gmv", "affiliate gmv", "アフィリエイトgmv"),
        ),
        signs=_words(
            "creator-attributed gmv; affiliate gmv; アフィリエイトgmv;"
            "total sample content; samples shipped; products added to showcase"
        ),
        known=_words(
            "live-attributed gmv; video-attributed gmv; product-card-attributed gmv;"
            "refunds; attributed orders; items sold; items refunded; aov; ctor; ctr;"
            "live streams; videos; product impressions; video views; customers;"
            "est. commission; commission base"
        ),
    ),
    Signature(
        FileKind.LIVE,
        "a live analysis file",
        _KEPT,
        needs=(
            (
                "creator",
                "creator id",
                "nickname",
                "kreator",
                "id kreator",
                "nama panggilan",
            ),
            ("launched time", "waktu live"),
            (
                "live gross merchandise value",
                "live attributed gmv",
                "gmv dari live",
                "gmv live",
            ),
        ),
        signs=_words(
            "launched time; live gross merchandise value; waktu live; date range;"
            "gmv dari live; live attributed gmv; click-to-order rate"
        ),
        known=_words(
            "duration; products added; different products sold; created sku orders;"
            "live sku orders; live items sold; unique customers; average price;"
            "viewers; views; average viewing duration; comments; shares; live likes;"
            "new followers; product impressions; product clicks; ctr; ctor; durasi;"
            "gmv live; gmv tidak langsung dari live; produk yang ditambahkan; penonton"
        ),
        sheets=_words("worksheet"),
    ),
    Signature(
        FileKind.VIDEO,
        "a video analysis file",
        _KEPT,
        needs=(
            ("video id", "id video"),
            ("video views", "vv"),
            (
                "creator video-attributed gmv",
                "video-attributed gmv",
                "gmv dari video",
                "gmv",
            ),
        ),
        signs=_words(
            "video id; id video; video link; video title; informasi video; video gpm;"
            "creator video-attributed gmv; gmv dari video; completion rate"
        ),
        known=_words(
            "post date; creator name; product id; video-attributed orders; aov;"
            "items sold; refunds; items refunded; likes; comments; shares;"
            "video product impressions; video product clicks; nama kreator; id kreator;"
            "waktu; produk"
        ),
    ),
    Signature(
        FileKind.PRODUCTS,
        "a product list (bulk edit template)",
        _import_as("products"),
        needs=(("product_id",), ("sku_id",)),
        signs=_words("product_id; variation_value; product_status; main_image"),
        known=_words(
            "category; product_name; product_description; brand; price; quantity;"
            "seller_sku; cod; parcel_weight; parcel_length; parcel_width;"
            "parcel_height; image_2; image_3; image_4; image_5; image_6; image_7;"
            "image_8; image_9; attributes"
        ),
        sheets=_words("template"),
    ),
    Signature(
        FileKind.PRODUCT_ANALYTICS,
        "a product analysis file",
        _NOT_READ,
        needs=(
            ("product id", "id produk"),
            ("gmv",),
            (
                "gmv range",
                "rentang gmv",
                "listing status",
                "status daftar produk",
                "shop tab gmv",
                "product status",
            ),
        ),
        signs=_words("rentang gmv; gmv range; status daftar produk; shop tab gmv"),
        known=_words("name; nama; product; items sold; orders; ctr; ctor"),
    ),
    Signature(
        FileKind.SHOP_ANALYTICS,
        "a shop analysis file",
        _NOT_READ,
        needs=(
            ("date", "day", "tanggal", "日付"),
            ("gmv", "gross merchandise value"),
            ("orders", "sku orders", "pesanan"),
            ("buyers", "customers", "unique customers", "pembeli", "visitors"),
        ),
        known=_words(
            "items sold; refunds; aov; product views; page views; conversion rate;"
            "average order value; visitors; impressions"
        ),
        is_plain=True,
    ),
    Signature(
        FileKind.ORDERS,
        "an order export",
        _import_as("orders"),
        needs=(
            *(
                (column.value, *(n for n, c in BY_NAME.items() if c is column))
                for column in MANDATORY
            ),
            tuple(column.value for column in EITHER),
        ),
        signs=_words(
            "sku subtotal after discount; sku subtotal before discount;"
            "sku unit original price; cancelation/return type; order refund amount;"
            "sku quantity of return"
        ),
        known=frozenset(BY_NAME) - {Column.ERROR.value},
        sheets=_words("orderskulist"),
    ),
    Signature(
        FileKind.MAPPING,
        "a mapping file",
        f"{_import_as('mapping')}, on the page of mapping",
        needs=(
            ("sku id", "seller sku", "tiktok sku id", "channel sku", "channel sku id"),
            ("our sku", "internal sku", "sku"),
        ),
        signs=_words("our sku"),
        known=_words(
            "shop; shop id; shop name; product id; title; variant; state; mapping;error"
        ),
        is_plain=True,
    ),
    Signature(
        FileKind.STOCK,
        "a stock file",
        f"{_import_as('stock')}, on the page Import stock",
        needs=(
            _loose("sku; seller sku; our sku; internal sku; sku code; item sku"),
            _loose(
                "quantity; qty; on hand; stock; stock on hand; counted; count; units;"
                "pieces; inventory"
            ),
        ),
        known=_words(
            "warehouse; warehouse name; location; mode; kind; reason; note; notes;"
            "comment; remark; remarks; counted at; counted on; received at; moved at;"
            "product; product name; title; variant; error"
        ),
        is_plain=True,
    ),
    Signature(
        FileKind.TRACKING,
        "a list of tracking numbers",
        "upload it under Orders, Upload tracking",
        needs=(
            (
                "order",
                "order id",
                "order number",
                "order no",
                "order no.",
                "order #",
            ),
            (
                "number",
                "tracking number",
                "tracking no",
                "tracking no.",
                "tracking #",
                "tracking id",
                "tracking",
                "awb",
                "waybill",
            ),
        ),
        known=_words(
            "carrier; carrier name; courier; shipping provider; provider;"
            "shipping provider name; shipping provider id; shipping company;"
            "logistics provider; shipping carrier; package; package id; package number"
        ),
        is_plain=True,
    ),
)
BY_KIND = {signature.kind: signature for signature in SIGNATURES}
_OWN = {
    each.kind: each.signs | each.known | frozenset(chain.from_iterable(each.needs))
    for each in SIGNATURES
}


def where_to(kind: FileKind) -> str:
    """A sentence for whoever offered such a file in the wrong place."""
    signature = BY_KIND[kind]
    return f"This looks like {signature.what}: {signature.place}."


def names_of(cells: Iterable[str]) -> frozenset[str]:
    """Headings as the table of kinds has them: with and without brackets at the end."""
    return frozenset(form for cell in cells for form in _forms(cell))


def kind_of(cells: Sequence[str]) -> FileKind | None:
    """The kind whose needs these headings meet; of several, the one most are of."""
    names = names_of(cells)
    count = sum(bool(cell.strip()) for cell in cells)
    fitting = [
        (own, signature)
        for signature in SIGNATURES
        if not signature.lacks(names)
        and ((own := signature.own(cells)) * 2 > count or not signature.is_plain)
    ]
    if not fitting:
        return None
    return max(fitting, key=lambda each: each[0])[1].kind


def betrayed_kind(cells: Sequence[str]) -> FileKind | None:
    """What a file with these headings looks like, though it may lack some."""
    if kind := kind_of(cells):
        return kind
    names = names_of(cells)
    signs = [(len(names & each.signs), each) for each in SIGNATURES]
    most, signature = max(signs, key=lambda each: each[0])
    return signature.kind if most else None


def misplaced(cells: Sequence[str]) -> str:
    """Where a file with these headings belongs, as a sentence; empty where anybody's
    own table could have them."""
    kind = kind_of(cells)
    return "" if kind is None or BY_KIND[kind].is_plain else where_to(kind)


@lru_cache(maxsize=20_000)
def _forms(cell: str) -> frozenset[str]:
    """What a cell may be called in the table; nothing where it is no heading."""
    if len(cell) > LONGEST_HEADING or not cell.strip():
        return frozenset()
    name = normalise(cell)
    bare = _BRACKET.sub("", name)
    # `Date Range: 2026-04-12 ~ 2026-04-18` stands above the headings of LIVE files.
    before, colon, _ = name.partition(":")
    return frozenset({name, bare, name.replace("_", " "), before if colon else name})
