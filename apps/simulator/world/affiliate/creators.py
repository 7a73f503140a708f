"""Creators: people with an audience who sell for shops of their region.

They depend on the seed only, as sellers do. The last of them has never chosen a region
to sell in, and sells nothing.
"""

from dataclasses import dataclass

from apps.simulator.world.regions import REGIONS
from apps.simulator.world.rolls import digits

_HANDLES = {
    "US": ("dailyfinds.us", "porch_and_pantry", "small.space.diy", "the_tidy_hour"),
    "GB": ("kettle.and.co", "rainy_day_buys", "terrace.house.diary"),
    "DE": ("altbau.und.ich", "kuechenfunde", "feierabend_tipps"),
    "MY": ("barang.best.my", "dapur_kecil", "murah.dan.baik"),
    "ID": ("racun.belanja.id", "outfit_sehari", "ngonten.dulu", "review.jujur.id"),
    "TH": ("khongdee.th", "ban_nee_mee_khong", "pai.chop.kan"),
    "VN": ("san.deal.moi.ngay", "goc.bep.nho", "mac_gi_hom_nay"),
}  # fmt: skip
_WITHOUT_REGION = "just.watching"


@dataclass(frozen=True, slots=True, eq=False)
class Creator:
    id: str  # the person's, the same for every app
    username: str
    region: str  # where the account was registered
    selection_region: str  # where the creator sells; empty for nowhere


def grow_creators(seed: int) -> tuple[Creator, ...]:
    everybody = [
        Creator(digits("7412", 19, seed, "creator", name), name, code, code)
        for code in REGIONS
        for name in _HANDLES[code]
    ]
    watcher = digits("7412", 19, seed, "creator", _WITHOUT_REGION)
    return (*everybody, Creator(watcher, _WITHOUT_REGION, "US", ""))
