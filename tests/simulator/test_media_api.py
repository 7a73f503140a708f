"""Uploads: pictures by what their bytes say, files, and where they are shown."""

import time
from io import BytesIO
from pathlib import Path

import pytest
import requests
from PIL import Image

from tests.simulator.caller import SEARCH, Caller, connect, sign
from tests.simulator.pictures import heic_header, pdf, picture, png_header
from tests.simulator_server import SimulatorServer, run_simulator

IMAGES = "/product/202309/images/upload"
FILES = "/product/202309/files/upload"
RECOMMEND = "/product/202309/categories/recommend"
MEGABYTE = 1024 * 1024


def upload(caller: Caller, content: bytes, use_case: str = "", name: str = "a.bin"):
    fields = {"use_case": use_case} if use_case else {}
    return caller.upload(IMAGES, {"data": (name, content)}, fields)


def upload_file(caller: Caller, content: bytes, name: str = "paper.pdf"):
    return caller.upload(FILES, {"data": ("ignored.bin", content)}, {"name": name})


def code_of(caller: Caller, content: bytes, use_case: str = "") -> int:
    return int(upload(caller, content, use_case)["code"])


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_picture_is_answered_with_its_uri_and_size(caller: Caller, format: str):
    reply = upload(caller, picture(640, 480, format), name="wrong.gif")

    assert reply["code"] == 0, reply
    data = reply["data"]
    assert set(data) == {"uri", "url", "height", "width", "use_case"}
    assert (data["width"], data["height"]) == (640, 480)
    assert data["use_case"] == "MAIN_IMAGE"
    assert data["url"] == f"{caller.server.url}/images/{data['uri']}"


def test_a_lossless_webp_and_one_with_transparency_have_their_size(caller: Caller):
    for mode, lossless in (("RGB", True), ("RGBA", False)):
        file = BytesIO()
        Image.new(mode, (700, 500)).save(file, "WEBP", lossless=lossless)
        data = upload(caller, file.getvalue())["data"]
        assert (data["width"], data["height"]) == (700, 500)


def test_a_heic_is_known_by_its_header_and_its_largest_picture(caller: Caller):
    data = upload(caller, heic_header(1_600, 1_200))["data"]

    assert (data["width"], data["height"]) == (1_600, 1_200)


def test_an_upload_is_shown_byte_for_byte_where_the_answer_says(caller: Caller):
    content = picture(400, 400, "PNG")
    data = upload(caller, content)["data"]

    shown = requests.get(data["url"], timeout=30)

    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/png"
    assert shown.content == content


def test_the_same_picture_twice_has_two_uris(caller: Caller):
    content = picture(400, 400)

    first, second = upload(caller, content), upload(caller, content)

    assert first["data"]["uri"] != second["data"]["uri"]


def test_nothing_uploaded_is_an_invalid_file(caller: Caller):
    empty = caller.upload(IMAGES, {"data": ("a.jpg", b"")})
    elsewhere = caller.upload(IMAGES, {"picture": ("a.jpg", picture(400, 400))})
    a_text = caller.upload(IMAGES, {"other": ("a", b"x")}, {"data": "no file"})

    assert [r["code"] for r in (empty, elsewhere, a_text)] == [12038002] * 3


@pytest.mark.parametrize(
    "content", [b"just text", picture(400, 400, "GIF"), pdf(), b"\0" * 500]
)
def test_another_type_is_refused_whatever_it_is_called(caller: Caller, content: bytes):
    assert upload(caller, content, name="photo.jpg")["code"] == 12038004


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_picture_cut_short_is_damaged(caller: Caller, format: str):
    whole = picture(2_000, 2_000, format)

    assert code_of(caller, whole[: len(whole) // 2]) == 12038015
    assert code_of(caller, whole[:13]) == 12038015


def test_ten_megabytes_pass_and_one_byte_more_does_not(caller: Caller):
    most = 10 * MEGABYTE
    body, end = png_header(500, 500)[:-12], png_header(500, 500)[-12:]

    assert code_of(caller, body.ljust(most - 12, b"\0") + end) == 0
    assert code_of(caller, body.ljust(most - 11, b"\0") + end) == 12038005


def test_a_body_beyond_any_file_is_too_large_for_the_gate(caller: Caller):
    reply = upload(caller, b"\0" * (33 * MEGABYTE))

    assert reply["code"] == 36009021
    assert upload(caller, picture(400, 400))["code"] == 0


@pytest.mark.parametrize(
    ("use_case", "width", "height", "code"),
    [
        ("DESCRIPTION_IMAGE", 100, 100, 0),
        ("DESCRIPTION_IMAGE", 99, 500, 12038014),
        ("DESCRIPTION_IMAGE", 500, 99, 12038014),
        ("DESCRIPTION_IMAGE", 20_000, 20_000, 0),
        ("DESCRIPTION_IMAGE", 20_001, 500, 12038014),
        ("MAIN_IMAGE", 300, 4_000, 0),
        ("MAIN_IMAGE", 299, 300, 12019116),
        ("MAIN_IMAGE", 4_001, 300, 12019116),
        ("", 299, 299, 12019116),  # MAIN_IMAGE is the default
        ("ATTRIBUTE_IMAGE", 299, 299, 0),
        ("SIZE_CHART_IMAGE", 1_024, 3_000, 0),
        ("SIZE_CHART_IMAGE", 3_000, 1_023, 12019116),
    ],
)
def test_each_use_has_its_own_limits_of_size(
    caller: Caller, use_case: str, width: int, height: int, code: int
):
    assert code_of(caller, png_header(width, height), use_case) == code


def test_an_unknown_use_is_an_invalid_parameter(caller: Caller):
    assert code_of(caller, picture(400, 400), "main_image") == 11050001


def test_the_body_of_an_upload_is_not_signed_but_the_query_is(caller: Caller):
    content = {"data": ("a.jpg", picture(400, 400))}
    assert caller.upload(IMAGES, content)["code"] == 0

    caller.app = caller.app | {"app_secret": "guessed"}

    assert caller.upload(IMAGES, content)["code"] == 106001


def test_json_is_no_upload(caller: Caller):
    assert caller.code("POST", IMAGES, body={"data": "abc"}) == 36009023
    assert caller.code("POST", FILES, body={}) == 36009023
    assert caller.code("POST", IMAGES) == 36009023


def test_an_upload_is_no_json(caller: Caller):
    query = {"page_size": "5", "shop_cipher": caller.cipher()}

    reply = caller.upload(SEARCH, {"data": ("a.jpg", b"x")}, query=query)

    assert reply["code"] == 36009022


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=x"])
def test_a_multipart_body_that_cannot_be_read_is_refused(caller: Caller, boundary: str):
    query = {"app_key": caller.app["app_key"], "timestamp": str(int(time.time()))}
    query["sign"] = sign(caller.app["app_secret"], IMAGES, query, b"")
    headers = {
        "content-type": f"multipart/form-data{boundary}",
        "x-tts-access-token": caller.token,
    }

    reply = requests.post(
        caller.server.url + IMAGES, b"no parts", params=query, headers=headers,
        timeout=30,
    ).json()  # fmt: skip

    assert reply["code"] in (36009022, 12038002)


def test_a_cipher_does_not_belong_to_an_upload(caller: Caller):
    query = {"shop_cipher": caller.cipher()}

    reply = caller.upload(IMAGES, {"data": ("a.jpg", picture(400, 400))}, query=query)

    assert reply["code"] == 36009004
    assert reply["message"].startswith("Unexpected identifier")


def test_an_upload_belongs_to_the_app_that_made_it(server: SimulatorServer):
    mine, other = connect(server), connect(server, app=1)
    uri = upload(mine, picture(400, 400))["data"]["uri"]
    body = {"product_title": "Yoga mat", "images": [{"uri": uri}]}

    def code(caller: Caller) -> int:
        query = {"shop_cipher": caller.cipher(1)}
        return caller.code("POST", RECOMMEND, query, body)

    assert code(mine) == 0
    assert code(other) == 12052722


@pytest.mark.parametrize(
    ("content", "format", "content_type"),
    [
        (pdf(), "PDF", "application/pdf"),
        (b"\0\0\0\x18ftypisom\0\0\0\0" + bytes(99), "MP4", "video/mp4"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0" + bytes(99), "MOV", "video/quicktime"),
    ],
)
def test_a_file_is_kept_under_the_name_given(
    caller: Caller, content: bytes, format: str, content_type: str
):
    data = upload_file(caller, content, "Prüfbericht 2.bin")["data"]

    assert (data["name"], data["format"]) == ("Prüfbericht 2.bin", format)
    shown = requests.get(data["url"], timeout=30)
    assert shown.headers["content-type"] == content_type
    assert shown.content == content


def test_what_is_wrong_with_a_file_is_said(caller: Caller):
    nameless = caller.upload(FILES, {"data": ("a.pdf", pdf())})
    missing = caller.upload(FILES, {"x": ("a.pdf", pdf())}, {"name": "a.pdf"})
    empty = upload_file(caller, b"")
    a_text = upload_file(caller, b"no document")
    a_photo = upload_file(caller, picture(400, 400))
    large = upload_file(caller, pdf(10 * MEGABYTE))

    codes = [r["code"] for r in (nameless, missing, empty, a_text, a_photo, large)]
    assert codes == [12019104, 12038002, 12019103, 12038004, 12038004, 12038005]


def test_pictures_of_the_world_are_drawn_in_their_size(server: SimulatorServer):
    url = f"{server.url}/images/tos-seed/1729382000000000001/0"

    whole, again, thumb = (
        Image.open(BytesIO(requests.get(one, timeout=30).content))
        for one in (url, url, url + "~200")
    )

    assert whole.format == "JPEG"
    assert whole.size in {(800, 800), (1000, 1000), (1200, 1200)}
    assert thumb.size == (200, 200)
    assert whole.tobytes() == again.tobytes()


def test_a_thumbnail_of_an_upload_keeps_its_shape(caller: Caller):
    data = upload(caller, png_header(16_000, 8_000), "DESCRIPTION_IMAGE")["data"]

    shown = requests.get(data["url"] + "~200", timeout=30)

    assert Image.open(BytesIO(shown.content)).size == (200, 100)


@pytest.mark.parametrize(
    "path",
    ["images/nothing", "images/tos-sim-i-1/1", "images/tos-seed/../x", "files/1"],
)
def test_what_was_never_uploaded_is_not_found(server: SimulatorServer, path: str):
    assert requests.get(f"{server.url}/{path}", timeout=30).status_code == 404


def test_a_reset_forgets_uploads(caller: Caller):
    url = upload(caller, picture(400, 400))["data"]["url"]

    caller.server.control("reset", {})

    assert requests.get(url, timeout=30).status_code == 404


def test_an_upload_outlives_a_restart_as_a_drawing_of_its_size(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with run_simulator(state_path=state) as server:
        uri = upload(connect(server), picture(500, 300, "PNG"))["data"]["uri"]

    with run_simulator(state_path=state) as server:
        shown = requests.get(f"{server.url}/images/{uri}", timeout=30)

    assert Image.open(BytesIO(shown.content)).size == (500, 300)
