"""Product API 202309: what would be wrong with a product, without making it."""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.shapes import PRODUCT, mismatch
from apps.simulator.tiktok.products.validation import problems
from apps.simulator.world.listing_quality import shortcomings, tier_of


def listing_check(call: Call) -> Json:
    """POST /product/202309/products/listing_check: always an answer, never a change."""
    found = list(problems(Draft(call, call.body)))
    data: Json = {
        "check_result": "FAILED" if found else "PASS",
        "fail_reasons": [problem.as_json() for problem in found],
    }
    if mismatch(call.body, PRODUCT):
        return data
    if warning := _warning(call):
        data["warnings"] = {"message": warning}
    if call.shop.region.code == "US":
        tier, left = tier_of(call.shop, call.body)
        data["listing_quality"] = {
            "current_tier": tier,
            "remaining_recommendations": left,
        }
    if call.query.get("is_diagnosis_required") == "true":
        data["diagnoses"] = [
            {
                "field": field,
                "diagnosis_results": [
                    {"code": code, "how_to_solve": text, "quality_tier": "POOR"}
                ],
            }
            for field, code, text in shortcomings(call.shop, call.body)
        ]
    return data


def _warning(call: Call) -> str:
    brand_id = call.body.get("brand_id")
    if not brand_id or call.simulator.brands.get(call.seller.id, brand_id):
        return ""
    return f"The [brand_id]:{brand_id} field is incorrect and would be cleared."
