"""Affiliate orders, as the seller and as the creator see them.

Source: Partner Center, "Search Seller Affiliate Orders 202410" and "Search Creator
Affiliate Orders 202410".
"""

from functools import partial

from apps.simulator.tiktok.affiliate.asking import answer, refuse
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.world.affiliate.ledger import Entry
from apps.simulator.world.affiliate.rendering import for_creator, for_seller

_CLOSED = ("GB", "DE")  # markets in which sellers are not given this


def search_of_seller(call: Call) -> Json:
    """POST /affiliate_seller/202410/orders/search"""
    if call.shop.region.code in _CLOSED:
        raise Refusal(16032001, "This is not available in the region of the shop.")
    program = call.body.get("program_id") or ""
    if not isinstance(program, str):
        raise refuse("program_id", "must be a string.")
    index = call.simulator.world.indexes[call.shop.id]
    wanted = partial(_is_of, call, program) if program else None
    return answer(call, [index], for_seller, is_wanted=wanted)


def _is_of(call: Call, program: str, entry: Entry) -> bool:
    deal = call.simulator.creators.deal(entry.order)
    return deal is not None and program in (deal.collaboration_id, deal.campaign_id)


def search_of_creator(call: Call) -> Json:
    """POST /affiliate_creator/202410/orders/search: the creator's own, of all shops."""
    there = call.creator.selection_region
    indexes = [
        index
        for index in call.simulator.world.indexes.values()
        if index.shop.region.code == there
    ]
    return answer(call, indexes, for_creator, creator=call.creator)
