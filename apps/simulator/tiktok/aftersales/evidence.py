"""What a seller says and shows when refusing."""

from apps.simulator.tiktok.aftersales.codes import refuse
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json

EVIDENCE = {
    "comment": str,
    "images": [{"image_id!": str, "mime_type": str, "height": int, "width": int}],
}


def evidence(call: Call) -> Json:
    """`comment` and `images`, where sent. A picture must have been uploaded by the app,
    its id is the URI that it got."""
    facts: Json = {}
    if comment := call.body.get("comment"):
        facts["comment"] = comment
    if images := call.body.get("images"):
        for image in images:
            if not call.simulator.media.known(call.app.app_key, image["image_id"]):
                raise refuse(11050001, f"Unknown image: {image['image_id']}.")
        facts["images"] = images
    return facts
