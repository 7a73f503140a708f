"""The words that invented catalogues are made of, side by side in six languages."""

LANGUAGES = ("en", "de", "th", "vi", "id", "ms")

_NOUNS = """
apparel|T-Shirt|T-Shirt|เสื้อยืด|Áo thun|Kaos|Baju T
apparel|Hoodie|Kapuzenpullover|เสื้อฮู้ด|Áo khoác hoodie|Jaket Hoodie|Hoodie
apparel|Summer Dress|Sommerkleid|ชุดเดรส|Váy đầm|Gaun Musim Panas|Gaun
apparel|Leggings|Leggings|กางเกงเลกกิ้ง|Quần legging|Celana Legging|Seluar Legging
apparel|Ankle Socks|Sneakersocken|ถุงเท้า|Vớ cổ ngắn|Kaos Kaki Pendek|Stoking
apparel|Sports Bra|Sport-BH|สปอร์ตบรา|Áo ngực thể thao|Bra Olahraga|Bra Sukan
apparel|Pyjama Set|Schlafanzug|ชุดนอน|Bộ đồ ngủ|Setelan Piyama|Set Pijama
apparel|Rain Jacket|Regenjacke|เสื้อกันฝน|Áo mưa|Jaket Hujan|Jaket Hujan
liquid|Shampoo|Shampoo|แชมพู|Dầu gội|Sampo|Syampu
liquid|Conditioner|Haarspülung|ครีมนวดผม|Dầu xả|Kondisioner|Perapi Rambut
liquid|Body Lotion|Körperlotion|โลชั่นบำรุงผิว|Sữa dưỡng thể|Losion Badan|Losyen Badan
liquid|Face Wash|Gesichtsreiniger|โฟมล้างหน้า|Sữa rửa mặt|Sabun Muka|Pencuci Muka
liquid|Face Serum|Gesichtsserum|เซรั่มบำรุงผิวหน้า|Tinh chất serum|Serum Wajah|Serum Muka
liquid|Sunscreen|Sonnencreme|ครีมกันแดด|Kem chống nắng|Tabir Surya|Pelindung Matahari
liquid|Hand Soap|Handseife|สบู่ล้างมือ|Nước rửa tay|Sabun Tangan|Sabun Tangan
liquid|Fabric Softener|Weichspüler|น้ำยาปรับผ้านุ่ม|Nước xả vải|Pelembut|Pelembut Fabrik
liquid|Room Spray|Raumspray|สเปรย์ปรับอากาศ|Xịt phòng|Pengharum|Penyembur Bilik
food|Coffee Beans|Kaffeebohnen|เมล็ดกาแฟ|Cà phê hạt|Biji Kopi|Biji Kopi
food|Loose Tea|Loser Tee|ชาใบ|Trà lá|Teh Daun|Teh Daun
food|Protein Powder|Proteinpulver|โปรตีนผง|Bột protein|Bubuk Protein|Serbuk Protein
food|Granola|Knuspermüsli|กราโนล่า|Ngũ cốc granola|Granola|Granola
food|Cashew Nuts|Cashewkerne|เม็ดมะม่วงหิมพานต์|Hạt điều rang|Kacang Mete|Gajus
food|Rice Crackers|Reiscracker|ข้าวเกรียบ|Bánh gạo|Kerupuk Beras|Keropok Beras
gadget|Phone Case|Handyhülle|เคสมือถือ|Ốp lưng|Casing HP|Sarung Telefon
gadget|Power Bank|Powerbank|พาวเวอร์แบงค์|Sạc dự phòng|Power Bank|Power Bank
gadget|Earbuds|Ohrhörer|หูฟังไร้สาย|Tai nghe|Earphone|Fon Telinga
gadget|Smart Watch|Smartwatch|นาฬิกาอัจฉริยะ|Đồng hồ|Jam Pintar|Jam Pintar
gadget|Desk Lamp|Schreibtischlampe|โคมไฟตั้งโต๊ะ|Đèn bàn|Lampu Meja|Lampu Meja
gadget|Hair Dryer|Haartrockner|ไดร์เป่าผม|Máy sấy tóc|Pengering|Pengering Rambut
home|Water Bottle|Trinkflasche|ขวดน้ำ|Bình nước|Botol Minum|Botol Air
home|Storage Box|Aufbewahrungsbox|กล่องเก็บของ|Hộp đựng đồ|Kotak Simpan|Kotak Simpan
home|Bath Towel|Badetuch|ผ้าเช็ดตัว|Khăn tắm|Handuk|Tuala Mandi
home|Yoga Mat|Yogamatte|เสื่อโยคะ|Thảm yoga|Matras Yoga|Tikar Yoga
home|Cushion|Sofakissen|หมอนอิง|Gối tựa|Bantal Sofa|Kusyen
home|Notebook|Notizbuch|สมุดโน้ต|Sổ tay|Buku Catatan|Buku Nota
"""
_FEATURES = """
apparel|Cotton|Baumwolle|ผ้าฝ้าย|cotton|Katun|Kapas
apparel|Oversized|Oversized|โอเวอร์ไซส์|form rộng|Oversize|Longgar
apparel|Slim Fit|Slim Fit|ทรงสลิม|form ôm|Slim Fit|Slim Fit
apparel|Men's|Herren|ผู้ชาย|nam|Pria|Lelaki
apparel|Women's|Damen|ผู้หญิง|nữ|Wanita|Wanita
apparel|Kids|Kinder|เด็ก|trẻ em|Anak|Kanak-kanak
apparel|Striped|gestreift|ลายทาง|kẻ sọc|Garis|Belang
apparel|Long Sleeve|Langarm|แขนยาว|tay dài|Lengan Panjang|Lengan Panjang
liquid|Repair|Repair|ซ่อมแซม|phục hồi|Perbaikan|Pemulihan
liquid|Anti-Dandruff|Anti-Schuppen|ขจัดรังแค|trị gàu|Anti Ketombe|Anti Kelemumur
liquid|Aloe Vera|Aloe Vera|ว่านหางจระเข้|lô hội|Lidah Buaya|Lidah Buaya
liquid|Lavender|Lavendel|ลาเวนเดอร์|oải hương|Lavender|Lavender
liquid|Rose|Rose|กุหลาบ|hoa hồng|Mawar|Mawar
liquid|Coconut|Kokos|มะพร้าว|dừa|Kelapa|Kelapa
liquid|Sensitive|Sensitiv|ผิวแพ้ง่าย|da nhạy cảm|Kulit Sensitif|Kulit Sensitif
liquid|Fragrance Free|parfümfrei|ไม่มีน้ำหอม|không mùi|Tanpa Parfum|Tanpa Wangian
food|Organic|Bio|ออร์แกนิก|hữu cơ|Organik|Organik
food|Chocolate|Schokolade|ช็อกโกแลต|sô cô la|Cokelat|Coklat
food|Vanilla|Vanille|วานิลลา|vani|Vanila|Vanila
food|Sea Salt|Meersalz|เกลือทะเล|muối biển|Garam Laut|Garam Laut
food|Honey|Honig|น้ำผึ้ง|mật ong|Madu|Madu
food|Dark Roast|dunkel geröstet|คั่วเข้ม|rang đậm|Sangrai Gelap|Panggang Gelap
food|Unsweetened|ungesüßt|ไม่หวาน|không đường|Tanpa Gula|Tanpa Gula
gadget|Wireless|kabellos|ไร้สาย|không dây|Nirkabel|Tanpa Wayar
gadget|Fast Charging|Schnellladen|ชาร์จเร็ว|sạc nhanh|Isi Cepat|Cas Pantas
gadget|Shockproof|stoßfest|กันกระแทก|chống sốc|Tahan Banting|Kalis Hentakan
gadget|Mini|Mini|มินิ|mini|Mini|Mini
gadget|Magnetic|magnetisch|แม่เหล็ก|nam châm|Magnetik|Bermagnet
gadget|Foldable|faltbar|พับได้|gấp gọn|Lipat|Boleh Lipat
home|Stainless Steel|Edelstahl|สแตนเลส|thép không gỉ|Baja|Keluli
home|Bamboo|Bambus|ไม้ไผ่|tre|Bambu|Buluh
home|Anti-Slip|rutschfest|กันลื่น|chống trượt|Anti Slip|Anti Gelincir
home|Insulated|isoliert|เก็บความเย็น|giữ nhiệt|Tahan Panas|Penebat
home|With Lid|mit Deckel|มีฝาปิด|có nắp|Dengan Tutup|Berpenutup
home|Velvet|Samt|กำมะหยี่|nhung|Beludru|Baldu
home|Recycled|recycelt|รีไซเคิล|tái chế|Daur Ulang|Kitar Semula
"""
_COLOURS = """
colour|Black|Schwarz|สีดำ|Đen|Hitam|Hitam
colour|White|Weiß|สีขาว|Trắng|Putih|Putih
colour|Red|Rot|สีแดง|Đỏ|Merah|Merah
colour|Blue|Blau|สีน้ำเงิน|Xanh dương|Biru|Biru
colour|Navy|Dunkelblau|สีกรมท่า|Xanh navy|Navy|Biru Gelap
colour|Light Blue|Hellblau|สีฟ้า|Xanh nhạt|Biru Muda|Biru Muda
colour|Green|Grün|สีเขียว|Xanh lá|Hijau|Hijau
colour|Pink|Rosa|สีชมพู|Hồng|Merah Muda|Merah Jambu
colour|Grey|Grau|สีเทา|Xám|Abu-abu|Kelabu
colour|Beige|Beige|สีเบจ|Be|Krem|Beige
colour|Yellow|Gelb|สีเหลือง|Vàng|Kuning|Kuning
colour|Purple|Lila|สีม่วง|Tím|Ungu|Ungu
colour|Mocha|Mokka|สีมอคค่า|Mocha|Moka|Moka
"""
Words = tuple[str, ...]


def _table(text: str) -> dict[str, list[Words]]:
    rows: dict[str, list[Words]] = {}
    for line in text.strip().splitlines():
        family, *words = (cell.strip() for cell in line.split("|"))
        rows.setdefault(family, []).append(tuple(words))
    return rows


NOUNS = _table(_NOUNS)
FEATURES = _table(_FEATURES)
COLOURS = _table(_COLOURS)["colour"]

MARKETING: dict[str, Words] = {
    "en": (
        "NEW", "Hot Sale", "Free Shipping", "Best Seller", "Premium Quality",
        "Ready Stock", "100% Original", "Limited Offer", "TikTok Viral",
        "Must Have", "Top Rated", "Gift Idea", "[COD]", "2024 New Arrival",
    ),
    "de": (
        "NEU", "Angebot", "Versandkostenfrei", "Bestseller", "Top Qualität",
        "Sofort lieferbar", "100% Original", "Nur heute", "Geschenkidee",
        "Testsieger", "Made in Germany",
    ),
    "th": (
        "พร้อมส่ง", "ส่งฟรี", "ของแท้ 100%", "ลดราคา", "ขายดี", "ราคาถูก",
        "สินค้าใหม่", "เก็บปลายทาง", "คุณภาพดี", "มีของพร้อมส่ง",
    ),
    "vi": (
        "Freeship", "Hàng chính hãng", "Giá rẻ", "Siêu sale", "Mới 2024",
        "Cao cấp", "Hot trend", "Giảm giá sốc", "Bán chạy", "Hàng có sẵn",
    ),
    "id": (
        "READY STOCK", "Promo", "Gratis Ongkir", "Terlaris", "Original 100%",
        "Bisa COD", "Murah", "Diskon", "Kualitas Premium", "Viral", "Terbaru",
    ),
    "ms": (
        "READY STOCK", "Promosi", "Penghantaran Percuma", "Paling Laris",
        "Original", "Murah", "Tawaran Hebat", "Viral", "Terbaru", "Kualiti Tinggi",
    ),
}  # fmt: skip
EMOJI = ("🔥", "✨", "💯", "🎁", "❤️", "⭐", "🚚", "👕", "✅", "🇹🇭")
VOLUMES = {
    "en": ("{ml} ml", "{ml}ml", "{l} L", "{ml} ML", "{l}L"),
    "de": ("{ml} ml", "{ml}ml", "{l_comma} l", "{l_comma} Liter"),
    "th": ("{ml} มล.", "{ml}มล.", "{ml} ml", "{l} ลิตร", "{ml}ml"),
    "vi": ("{ml}ml", "{ml} ml", "{l_comma} lít", "{l_comma}L"),
    "id": ("{ml} ml", "{ml}ml", "{l_comma} Liter", "{l} L"),
    "ms": ("{ml} ml", "{ml}ml", "{l} Liter", "{l}L"),
}
MASSES = {
    "en": ("{g} g", "{g}g", "{kg} kg", "{kg}kg", "{g} gram"),
    "de": ("{g} g", "{g}g", "{kg_comma} kg", "{g} Gramm"),
    "th": ("{g} กรัม", "{g}กรัม", "{g} g", "{kg} กก.", "{kg} กิโลกรัม"),
    "vi": ("{g}g", "{g} gram", "{g}gr", "{kg_comma}kg"),
    "id": ("{g} gr", "{g} gram", "{g}g", "{kg_comma} kg"),
    "ms": ("{g}g", "{g} gram", "{kg}kg"),
}
PACKS = {
    "en": (
        "{n} Pack", "Pack of {n}", "Set of {n}", "{n}x", "x{n}", "{n} pcs", "{n}-Pack"
    ),
    "de": ("{n}er Pack", "{n}er Set", "{n} Stück", "{n}x", "{n} Stk.", "Set {n} Stück"),
    "th": ("แพ็ค {n}", "{n} ชิ้น", "เซ็ต {n} ชิ้น", "x{n}", "แพ็ค {n} ชิ้น"),
    "vi": ("Combo {n}", "Set {n}", "{n} cái", "Bộ {n}", "x{n}"),
    "id": ("isi {n}", "{n} pcs", "Paket {n}", "{n} buah", "Paket isi {n}"),
    "ms": ("{n} pcs", "Set {n}", "Pek {n}", "{n} unit", "isi {n}"),
}  # fmt: skip
SETS = {
    "en": "Bundle", "de": "Set", "th": "เซ็ต", "vi": "Combo", "id": "Paket", "ms": "Set"
}  # fmt: skip
COLOUR_LABELS = {
    "en": "Color", "de": "Farbe", "th": "สี", "vi": "Màu sắc", "id": "Warna",
    "ms": "Warna",
}  # fmt: skip
SIZE_LABELS = {
    "en": "Size", "de": "Größe", "th": "ไซส์", "vi": "Size", "id": "Ukuran", "ms": "Saiz"
}  # fmt: skip
CURRENCIES = {
    "en": "GBP", "de": "EUR", "th": "THB", "vi": "VND", "id": "IDR", "ms": "MYR"
}  # fmt: skip
# What one British pound's worth of goods is sold for there, roughly.
PRICE_LEVELS = {"GBP": 1, "EUR": 1.2, "THB": 42, "VND": 30_000, "IDR": 20_000, "MYR": 6}
