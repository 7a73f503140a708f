from collections.abc import Iterator
from io import BytesIO

import pytest
import requests
from requests.structures import CaseInsensitiveDict

from apps.integrations.errors import PlatformError, PlatformUnavailable, RequestRefused
from apps.integrations.tiktok.images import fetch_image

URL = "https://p16.img.example/lamp.jpeg?x-signature=planted"
HOSTS = (".img.example",)
PICTURE = b"\xff\xd8\xff" + bytes(5000)


class Pictures:
    """Answers with `script`, and keeps what it was asked."""

    def __init__(self, *script: requests.Response | Exception) -> None:
        self.script = list(script)
        self.asked: list[str] = []

    def request(self, method, url, **options):
        assert method == "GET"
        assert options["stream"]
        assert options["allow_redirects"] is False
        self.asked.append(url)
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(content=PICTURE, *, status=200, **headers):
    response = requests.Response()
    response.status_code = status
    response.raw = BytesIO(content)
    response.headers = CaseInsensitiveDict(headers)
    return response


def moved(location):
    return answer(b"", status=302, location=location)


def fetch(*script, url=URL, addresses=("93.184.216.34",), **options):
    options.setdefault("allowed_hosts", HOSTS)
    session = Pictures(*script)
    content = fetch_image(
        url, session=session, resolve=lambda host: addresses, **options
    )
    return content, session.asked


def test_a_picture_is_fetched():
    assert fetch(answer()) == (PICTURE, [URL])


@pytest.mark.parametrize(
    "url",
    [
        "http://p16.img.example/lamp.jpeg",
        "https://img.example.evil.example/lamp.jpeg",
        "https://evilimg.example/lamp.jpeg",
        "https://img.example/lamp.jpeg",
        "https://user@p16.img.example/lamp.jpeg",
        "https://p16.img.example:8443/lamp.jpeg",
        "https://p16.img.example:odd/lamp.jpeg",
        "file:///etc/passwd",
        "ftp://p16.img.example/x",
        "//p16.img.example/x",
        "https://[",
        "",
    ],
)
def test_only_known_hosts_are_asked_and_only_over_https(url):
    session = Pictures()

    with pytest.raises(RequestRefused, match="may not be asked"):
        fetch_image(url, allowed_hosts=HOSTS, session=session)

    assert session.asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.8"],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["192.168.1.1"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.8"],
        ["93.184.216.34", "10.0.0.8"],
        ["224.0.0.1"],
        ["not an address"],
        [],
    ],
)
def test_a_known_name_may_not_stand_for_a_private_address(addresses):
    with pytest.raises(RequestRefused, match="no public address"):
        fetch(addresses=addresses)


def test_a_name_that_stands_for_nothing_is_refused():
    def resolve(host: str) -> Iterator[str]:
        raise OSError("unknown name")

    with pytest.raises(RequestRefused, match="no public address"):
        fetch_image(URL, allowed_hosts=HOSTS, session=Pictures(), resolve=resolve)


def test_an_origin_that_is_named_is_asked_as_it_stands():
    url = "http://127.0.0.1:8090/images/tos-seed/1"

    assert fetch(
        answer(), url=url, allowed_hosts=["http://127.0.0.1:8090"], addresses=()
    ) == (PICTURE, [url])
    with pytest.raises(RequestRefused):
        fetch(url=url, allowed_hosts=["http://127.0.0.1:8091"])
    with pytest.raises(RequestRefused):
        fetch(
            url="http://127.0.0.1:8090@evil.example/1",
            allowed_hosts=["http://127.0.0.1:8090"],
        )


def test_a_redirect_on_the_same_host_is_followed():
    content, asked = fetch(moved("/other.jpeg"), answer())

    assert content == PICTURE
    assert asked == [URL, "https://p16.img.example/other.jpeg"]


@pytest.mark.parametrize(
    "location",
    [
        "https://p17.img.example/lamp.jpeg",
        "http://p16.img.example/lamp.jpeg",
        "http://169.254.169.254/latest",
        "//evil.example/x",
        "https://[",
        "file:///etc/passwd",
    ],
)
def test_nobody_is_led_elsewhere(location):
    with pytest.raises(RequestRefused, match="leads elsewhere"):
        fetch(moved(location))


def test_circles_end():
    with pytest.raises(RequestRefused, match="circles"):
        fetch(*[moved(URL) for _ in range(4)])


def test_a_picture_that_is_too_big_is_given_up_whatever_it_said_of_itself():
    with pytest.raises(RequestRefused, match="too big"):
        fetch(answer(bytes(1001), content_length="5"), limit_bytes=1000)
    content, _ = fetch(answer(bytes(1000)), limit_bytes=1000)
    assert len(content) == 1000


def test_a_picture_that_trickles_is_given_up():
    ticks = iter(range(0, 1000, 20))

    with pytest.raises(PlatformUnavailable, match="takes too long"):
        fetch(answer(), limit_seconds=30, clock=lambda: next(ticks))


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answer(b""), RequestRefused),
        (answer(status=404), RequestRefused),
        (answer(status=403), RequestRefused),
        (answer(status=429), PlatformUnavailable),
        (answer(status=503), PlatformUnavailable),
        (requests.ConnectionError(URL), PlatformUnavailable),
        (requests.Timeout(URL), PlatformUnavailable),
        (UnicodeError(URL), PlatformUnavailable),
    ],
)
def test_failures_say_whether_trying_again_helps_and_never_the_address(script, kind):
    with pytest.raises(PlatformError) as error:
        fetch(script)

    assert type(error.value) is kind
    assert "p16.img.example" in str(error.value)
    assert "planted" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None
