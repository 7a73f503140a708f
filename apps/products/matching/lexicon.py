"""Words that decide or that say nothing: colours, sizes, people, units, advertising.

In the tables a line is `meaning: words`, over the languages that sellers here write in:
English, German, Thai, Vietnamese, Indonesian, Malay. Of words that hold each other the
longest counts.
"""

_COLOURS = """
black: black, schwarz, đen, màu đen, hitam, สีดำ, ดำ
white: white, weiß, weiss, trắng, màu trắng, putih, สีขาว, ขาว
red: red, rot, đỏ, màu đỏ, merah, สีแดง, แดง
blue: blue, blau, xanh dương, xanh da trời, xanh nước biển, xanh lam, biru, \
สีน้ำเงิน, น้ำเงิน
navy: navy, navy blue, marineblau, dunkelblau, dark blue, xanh navy, xanh đậm, \
xanh than, biru tua, biru gelap, biru dongker, สีกรมท่า, กรมท่า, สีกรม, กรม
light blue: light blue, sky blue, baby blue, hellblau, xanh nhạt, biru muda, สีฟ้า, \
ฟ้า
green: green, grün, gruen, xanh lá, xanh lá cây, xanh lục, hijau, สีเขียว, เขียว
light green: light green, mint green, hellgrün, xanh bạc hà, hijau muda, สีเขียวอ่อน
dark green: dark green, dunkelgrün, xanh rêu, hijau tua, hijau gelap, army green, \
สีเขียวเข้ม
pink: pink, rosa, hồng, màu hồng, merah muda, merah jambu, สีชมพู, ชมพู
light pink: light pink, hellrosa, hồng nhạt, สีชมพูอ่อน
grey: grey, gray, grau, xám, màu xám, abu, abu abu, kelabu, สีเทา, เทา
light grey: light grey, light gray, hellgrau, xám nhạt, abu muda, kelabu muda, \
สีเทาอ่อน
dark grey: dark grey, dark gray, dunkelgrau, anthrazit, anthracite, charcoal, \
xám đậm, abu tua, kelabu tua, สีเทาเข้ม
beige: beige, be, màu be, krem, cream, creme, kem, สีเบจ, เบจ, สีครีม, ครีม
brown: brown, braun, nâu, màu nâu, cokelat, coklat, สีน้ำตาล, น้ำตาล
dark brown: dark brown, dunkelbraun, nâu đậm, coklat tua, cokelat tua
light brown: light brown, hellbraun, nâu nhạt, coklat muda, cokelat muda
yellow: yellow, gelb, vàng, màu vàng, kuning, สีเหลือง, เหลือง
orange: orange, cam, màu cam, oranye, oren, jingga, สีส้ม, ส้ม
purple: purple, violet, lila, violett, tím, màu tím, ungu, สีม่วง, ม่วง
burgundy: burgundy, wine red, maroon, weinrot, bordeaux, đỏ đô, merah marun, marun, \
สีแดงเข้ม
turquoise: turquoise, teal, türkis, xanh ngọc, tosca, tosqa, สีเขียวมิ้นท์
khaki: khaki, kaki, สีกากี
gold: gold, golden, emas, สีทอง
silver: silver, silber, bạc, perak, สีเงิน
rose gold: rose gold, rosegold, roségold, vàng hồng, สีโรสโกลด์
mocha: mocha, mokka, moka, สีมอคค่า
transparent: transparent, clear, durchsichtig, trong suốt, bening, lutsinar, สีใส, ใส
multi: multicolour, multicolor, bunt, mehrfarbig, nhiều màu, warna warni, หลายสี
"""
_SIZES = """
XXS: xxs, 2xs
XS: xs
S: s, small, klein, nhỏ, kecil, เล็ก
M: m, medium, mittel, vừa, sedang, sederhana, กลาง
L: l, large, groß, lớn, besar, ใหญ่
XL: xl
2XL: xxl, 2xl
3XL: xxxl, 3xl
4XL: xxxxl, 4xl
5XL: 5xl
6XL: 6xl
free: free size, freesize, one size, onesize, all size, allsize, einheitsgröße, \
ฟรีไซส์
"""
_PEOPLE = """
men: men, mens, man, herren, männer, ผู้ชาย, nam, pria, lelaki, cowok
women: women, womens, woman, ladies, damen, frauen, ผู้หญิง, nữ, wanita, perempuan, \
cewek
kids: kids, kid, children, child, kinder, เด็ก, trẻ em, em bé, anak, kanak kanak, \
budak
unisex: unisex, ยูนิเซ็กส์
"""
_UNITS = """
volume 1: ml, milliliter, millilitre, mililiter, cc, มล, มิลลิลิตร
volume 10: cl
volume 100: dl
volume 1000: l, liter, litre, litres, liters, ltr, lt, lít, lit, ลิตร
volume~29.5735: floz, fl oz, fluid oz
mass 0.001: mcg, µg, ug
mass 1: g, gr, gram, grams, gramm, gm, gms, gam, กรัม, ก
mass 1000: kg, kgs, kilo, kilogram, kilogramm, กก, กิโลกรัม, กิโล
mass 100: ons
dose 1: mg, มก, มิลลิกรัม
mass~28.3495: oz, ounce, ounces, ออนซ์
mass~453.592: lb, lbs, pound, pounds, ปอนด์
length 1: mm, millimeter, มม
length 10: cm, zentimeter, centimeter, senti, ซม, เซน, เซนติเมตร
length 1000: m, meter, metre, meters, mtr, mét, เมตร
length~25.4: inch, inches, zoll, inci, นิ้ว
length~304.8: ft, feet, foot, ฟุต
memory 1: mb
memory 1000: gb
memory 1000000: tb
power 1: w, watt, watts, วัตต์
power 1000: kw
voltage 1: v, volt
charge 1: mah, มิลลิแอมป์
percent 1: %, percent, prozent
contents 1: tablets, tablet, tabletten, tabs, capsules, capsule, caps, kapseln, viên, \
kapsul, tablet, เม็ด, แคปซูล, sheets, sheet, blatt, lembar, tờ, แผ่น, sachets, \
sachet, beutel, teabags, gói, bungkus, ซอง, pages, seiten, rolls, rollen, cuộn, ม้วน, \
teilig, teile
"""
_PIECES = """
pack, packs, pk, pcs, pc, pce, piece, pieces, stück, stueck, stk, er, er pack, er set,
er packung, pack set, set, sets, pairs, pair, paar, pasang, bottles, bottle, flaschen,
flasche, botol, chai, boxes, box, buah, helai, keping, biji, unit, units, bungkus,
pax, pak, pek, paket, cái, chiếc, hộp, bộ, lốc, miếng, combo, đôi, count, ct, ชิ้น,
แพ็ค, แพค, อัน, ขวด, กล่อง, ตัว, คู่, ชุด, ห่อ, เซ็ต, เซต, ใบ, หลอด, ถุง
"""
_PACK_OF = """
pack of, pack, set of, set, box of, bundle of, lot of, combo, isi, paket, paket isi,
pek, bộ, hộp, lốc, packung mit, packung, set mit, set von, er set, pak isi, pak, แพ็ค,
แพค, เซ็ต, เซต, ชุด, กล่อง
"""
_PACK_WORDS = """
1: single, einzeln, einzelstück, satuan
2: twin pack, twinpack, duo, double pack, duo pack, doppelpack, zweierpack, \
set of two, pack of two, two pack, แพ็คคู่, แพคคู่, แพ็กคู่
3: trio, triple pack, dreierpack, set of three, pack of three, three pack
4: viererpack, set of four, pack of four, four pack
5: fünferpack, set of five, pack of five
6: sixpack, six pack, sechserpack, set of six, pack of six, half dozen
12: dozen, dutzend, lusin, โหล
"""
_SETS = """
strong: bundle, combo, paket, gift set, geschenkset, giftset, bundling, starter set, \
คอมโบ
weak: set, kit, setelan, เซ็ต, เซต
"""
# Names of axes, which say nothing in a title either.
_AXES = """
colour, color, farbe, warna, màu, màu sắc, size, saiz, größe, groesse, ukuran,
kích thước, kích cỡ, ไซส์, ขนาด
"""
# Words around a value that name it, in a variation.
_LABELS = """
colour, color, farbe, warna, màu, màu sắc, สี, size, saiz, größe, groesse, ukuran,
kích thước, kích cỡ, cỡ, ไซส์, ขนาด, variant, variante, varian, variation, phân loại,
type, typ, jenis, loại, แบบ, style, model, option, specification, spec, default,
default title, standard, menge, inhalt, berat, gewicht, weight
"""
_ADVERTISING = """
new, new arrival, hot, hot sale, hot selling, sale, on sale, free shipping,
best seller, bestseller, best selling, premium quality, high quality, top quality,
ready stock, ready, in stock, instock, 100% original, original 100%, original, ori,
authentic, genuine, official, official store, limited offer, limited, limited time,
tiktok, tiktok viral, viral, must have, top rated, gift idea, cod, cheap, best price,
promo, promotion, discount, trending, fast delivery, free gift, flash sale, clearance,
local stock, now, exclusive, deal, neu, neuheit, angebot, aktion, versandkostenfrei,
gratis versand, kostenloser versand, top qualität, sofort lieferbar, nur heute,
geschenkidee, testsieger, made in germany, rabatt, sonderangebot, schnelle lieferung,
auf lager, beste qualität, freeship, free ship, miễn phí vận chuyển, hàng chính hãng,
chính hãng, giá rẻ, rẻ nhất, siêu sale, mới, mẫu mới, hàng mới, hot trend, giảm giá,
giảm giá sốc, bán chạy, hàng có sẵn, có sẵn, khuyến mãi, chất lượng cao, hàng loại 1,
cao cấp, xả kho, sale sốc, gratis ongkir, free ongkir, terlaris, bisa cod,
bayar di tempat, murah, termurah, diskon, kualitas premium, terbaru, promo murah,
asli, stok ready, best quality, kekinian, promosi, penghantaran percuma, paling laris,
tawaran hebat, kualiti tinggi, jualan murah, stok sedia ada, tawaran, พร้อมส่ง,
มีของพร้อมส่ง, ส่งฟรี, ของแท้, ของแท้ 100%, ลดราคา, ขายดี, ราคาถูก, สินค้าใหม่,
เก็บปลายทาง, เก็บเงินปลายทาง, คุณภาพดี, ราคาส่ง, โปรโมชั่น, ส่งไว, ถูกที่สุด, ใหม่,
ของใหม่
"""
# A lid for a bottle is not a bottle with a lid.
_RELATIONS = """
for: for, für, untuk, cho, dùng cho, สำหรับ
with: with, mit, dengan, với, kèm
"""
# Joining words. What denies (without, ohne, tanpa, không) is not among them.
_JOINTS = """
the, a, an, of, and, in, on, by, to, from, und, von, aus, der,
die, das, im, am, dan, dari, yang, oleh, và, của, bằng, dùng, และ, ของ, แบบ
"""
# What these mean is clear in a variation only: a face cream is not beige.
_UNCLEAR = """
be, kem, cream, creme, krem, cam, s, m, l, vừa, cokelat, coklat, kaki, mint, orange,
bạc, emas, perak
"""


def table(text: str) -> dict[str, str]:
    """{word: meaning} of lines `meaning: words`."""
    meanings: dict[str, str] = {}
    for line in text.strip().splitlines():
        meaning, _, words = line.partition(":")
        meanings |= dict.fromkeys(listed(words), meaning.strip())
    return meanings


def listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


COLOURS = table(_COLOURS)
SIZES = table(_SIZES)
PEOPLE = table(_PEOPLE)
UNITS = table(_UNITS)
PACK_WORDS = table(_PACK_WORDS)
SETS = table(_SETS)
RELATIONS = table(_RELATIONS)
PIECES = listed(_PIECES)
PACK_OF = listed(_PACK_OF)
LABELS = listed(_LABELS)
AXES = listed(_AXES)
ADVERTISING = listed(_ADVERTISING)
JOINTS = listed(_JOINTS)
UNCLEAR = frozenset(listed(_UNCLEAR))
# Words that hold one of the above in them and mean something else.
PLAIN = listed(
    "nam châm, hoa hồng, power pack, ice pack, face pack, back pack, medium roast"
)
