"""Calls that are answered once: the same key gets the same answer, and nothing happens
a second time. Source: Partner Center, `idempotency_key` of the endpoints that have it.
"""

from collections.abc import Callable

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json


def once(call: Call, deed: Callable[[Call], Json]) -> Json:
    """Refusals are not remembered: what was wrong may be right by then."""
    sent = call.query.get("idempotency_key", "")
    if not sent:
        return deed(call)
    where = call.ids.get("cancel_id") or call.ids.get("return_id") or ""
    parts = (call.app.app_key, call.shop.id, deed.__name__, where, sent)
    key, desk = "|".join(parts), call.simulator.aftersales
    if key not in desk.answers:
        answer = deed(call)
        event = {"event": "request_answered", "key": key, "answer": answer}
        call.simulator.record(event)
    return dict(desk.answers[key])
