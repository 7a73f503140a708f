"""What sellers write about their products, in the language of each market."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    opening: str  # of the description; {title} is replaced
    features: tuple[str, ...]
    closing: str
    terms: tuple[str, ...]
    ingredients: str


TEXTS = {
    "en": Texts(
        "Meet our {title}: made for every day and built to last.",
        ("Carefully checked before it leaves our house", "Easy to clean and care for",
         "A present that is always right", "Packed without plastic",
         "Thirty days to change your mind"),
        "Please compare the measurements before you order. Colours may differ a little "
        "from screen to screen.",
        ("gift", "everyday", "home favourite"),
        "Water, glycerin, plant oils",
    ),
    "de": Texts(
        "Unser Stück für jeden Tag: {title}. Gemacht, um lange zu halten.",
        ("Vor dem Versand sorgfältig geprüft", "Leicht zu pflegen",
         "Ein Geschenk, das immer passt", "Plastikfrei verpackt",
         "Dreißig Tage Rückgaberecht"),
        "Bitte vergleichen Sie vor der Bestellung die Maße. Farben können je nach "
        "Bildschirm etwas abweichen.",
        ("Geschenk", "Alltag", "Lieblingsstück"),
        "Wasser, Glycerin, Pflanzenöle",
    ),
    "ms": Texts(
        "Kenali {title}: untuk kegunaan harian dan tahan lama.",
        ("Diperiksa sebelum dihantar", "Mudah dijaga", "Sesuai sebagai hadiah",
         "Bungkusan kemas"),
        "Sila bandingkan ukuran sebelum membuat pesanan.",
        ("hadiah", "harian", "murah"),
        "Air, gliserin, minyak tumbuhan",
    ),
    "id": Texts(
        "Kenalan dengan {title}: nyaman dipakai setiap hari dan awet.",
        ("Dicek sebelum dikirim", "Mudah dirawat", "Cocok untuk hadiah",
         "Kemasan rapi dan aman"),
        "Mohon bandingkan ukuran sebelum memesan ya kak. Warna bisa sedikit berbeda di "
        "layar.",
        ("hadiah", "harian", "terlaris"),
        "Air, gliserin, minyak nabati",
    ),
    "th": Texts(
        "พบกับ {title} ใช้ได้ทุกวัน ทนทาน คุ้มค่า",
        ("ตรวจสอบทุกชิ้นก่อนส่ง", "ดูแลรักษาง่าย", "เหมาะเป็นของขวัญ", "แพ็กอย่างดี"),
        "โปรดเทียบขนาดก่อนสั่งซื้อ สีอาจต่างจากภาพเล็กน้อย",
        ("ของขวัญ", "ใช้ทุกวัน", "ขายดี"),
        "น้ำ กลีเซอรีน น้ำมันพืช",
    ),
    "vi": Texts(
        "Giới thiệu {title}: dùng hằng ngày, bền đẹp theo thời gian.",
        ("Kiểm tra kỹ trước khi gửi", "Dễ giặt, dễ bảo quản", "Quà tặng ý nghĩa",
         "Đóng gói cẩn thận"),
        "Vui lòng xem kỹ kích thước trước khi đặt hàng.",
        ("quà tặng", "hằng ngày", "bán chạy"),
        "Nước, glycerin, dầu thực vật",
    ),
}  # fmt: skip
