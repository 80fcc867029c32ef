"""Fetching: what sites do to whoever reads them, and what the reader is told of it."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from website import Site, answer, endless, holds, leads_to, slow, torn, zipped

from summarize.errors import ConfigurationError, FetchError, InputError
from summarize.sources.articles import is_address
from summarize.sources.fetching import _is_public, fetch

PAGE = b"<p>The ministers met in Oslo.</p>"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    pages = {
        "/page": holds(PAGE),
        "/text": holds(b"The ministers met.", "text/plain"),
        "/latin": holds("Şam".encode("cp1254"), "text/html; charset=windows-1254"),
        "/untold": holds(PAGE, kind=""),
        "/twice": holds(PAGE, "text/html, text/html"),
        "/without-semicolon": holds(PAGE, "TEXT/HTML charset=utf-8"),
        "/zipped": zipped(PAGE),
        "/zlib": holds(zlib.compress(PAGE), Content_Encoding="deflate"),
        "/deflate": holds(zlib.compress(PAGE, wbits=-15), Content_Encoding="deflate"),
        "/padded": holds(gzip.compress(PAGE) + b"\0" * 9, Content_Encoding="gzip"),
        "/bomb": zipped(b"<" * 50_000_000),
        "/broken-zip": holds(b"no gzip", Content_Encoding="gzip"),
        "/moved": leads_to("/page", 301),
        "/moved-twice": leads_to("moved"),
        "/round": leads_to("/round"),
        "/to-file": leads_to("file:///etc/passwd"),
        "/to-nothing": leads_to("http://[::1"),
        "/nowhere": lambda handler: answer(handler, PAGE, status=302, kind="text/html"),
        "/pdf": holds(b"%PDF", "application/pdf"),
        "/endless": endless,
        "/slow": slow,
        "/torn": torn,
        "/paid": lambda handler: answer(handler, status=403),
        "/busy": lambda handler: answer(handler, status=503),
    }
    with Site(pages) as site:
        yield site


def failure(address: str, **more: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(address, allow_private=more.pop("allow_private", True), **more)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(address[:200])
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("path", "data", "media_type", "charset"),
    [
        ("/page", PAGE, "text/html", "utf-8"),
        ("/text", b"The ministers met.", "text/plain", None),
        ("/latin", b"\xdeam", "text/html", "windows-1254"),
        ("/untold", PAGE, "", None),
        ("/twice", PAGE, "text/html", None),
        ("/without-semicolon", PAGE, "text/html", None),
        ("/zipped", PAGE, "text/html", "utf-8"),
        *((path, PAGE, "text/html", "utf-8") for path in ("/zlib", "/deflate", "/padded")),
        ("/moved", PAGE, "text/html", "utf-8"),
        ("/moved-twice", PAGE, "text/html", "utf-8"),
        ("/page#part", PAGE, "text/html", "utf-8"),
    ],
)
def test_what_is_there(
    site: Site, path: str, data: bytes, media_type: str, charset: str | None
) -> None:
    address = f"{site.url}{'/page' if path.startswith('/moved') else path}"
    found = fetch(f"{site.url}{path}", allow_private=True)
    assert found == (address, data, media_type, charset)


def test_the_site_is_told_who_asks(site: Site) -> None:
    fetch(f"{site.url}/page", allow_private=True)
    path, headers = site.asked[-1]
    assert path == "/page"
    assert headers["User-Agent"].startswith("summarize/")
    assert headers["Host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize(
    ("path", "says", "retryable"),
    [
        ("/none", "there is no such page (404 Not Found); check the address", False),
        ("/paid", "the site does not give the page (403 Forbidden); open it in a browser", False),
        ("/busy", "the site cannot answer now (503 Service Unavailable); try again later", True),
        ("/nowhere", "the site does not give the page (302 Found)", False),
        ("/pdf", "is application/pdf, neither a page nor a text; give the address", False),
        ("/endless", "is larger than 10 MB", False),
        ("/bomb", "is larger than 10 MB", False),
        ("/broken-zip", "the answer cannot be read (", True),
        ("/torn", "the answer cannot be read (", True),
        ("/round", "leads on more than 5 times", False),
        (
            "/to-file",
            "leads to file:///etc/passwd, which is no address of http or https",
            False,
        ),
        ("/to-nothing", "leads to http://[::1, which is no address; open it", False),
    ],
)
def test_what_cannot_be_had(site: Site, path: str, says: str, retryable: bool) -> None:
    error = failure(f"{site.url}{path}")
    assert str(error).startswith(f"{site.url}{path}: {says}")
    assert error.retryable == retryable
    assert isinstance(error, InputError)


def test_time_is_limited_for_all_of_it(site: Site) -> None:
    began = time.monotonic()
    error = failure(f"{site.url}/slow", timeout=0.7)
    assert time.monotonic() - began < 5
    assert "did not answer within 0.7 seconds; try again later" in str(error)
    assert error.retryable


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert "127.0.0.1 cannot be reached (Connection refused); check the address" in str(error)
    assert error.retryable


def test_it_works_within_an_event_loop(site: Site) -> None:
    async def main() -> bytes:
        return fetch(f"{site.url}/page", allow_private=True)[1]

    assert asyncio.run(main()) == PAGE


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://example.org/", "http://", "http:///a", "http://[::1", "nothing"),
        *("http://a:99999999/", "http://127.0.0.1:65536/", "http://127.0.0.1:0/"),
    ],
)
def test_what_is_no_address(address: str) -> None:
    assert " address" in str(failure(address))


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_time_that_is_none(timeout: float) -> None:
    with pytest.raises(ConfigurationError, match="give more than 0"):
        fetch("http://127.0.0.1/", allow_private=True, timeout=timeout)


def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    error = failure("https://127.0.0.1:1/")
    assert "certificates of this machine cannot be used (No such file or directory)" in str(error)
    assert "SSL_CERT_FILE" in error.hint


def test_a_password_is_not_sent() -> None:
    assert "is an address with a password" in str(failure("http://me:secret@127.0.0.1/"))


# Private networks


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *(
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.192",
            "192.88.99.1",
            "fec0::1",
            "168.63.129.16",
            "3fff::1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
        ),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1"),
        "fe80::1%1",
    ],
)
def test_private_addresses(host: str) -> None:
    assert not _is_public(host)


@pytest.mark.parametrize(
    "host", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(host: str) -> None:
    assert _is_public(host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "169.254.169.254"]
)
def test_private_networks_are_refused(site: Site, host: str) -> None:
    before = len(site.asked)
    error = failure(f"http://{host}:{site.port}/page", allow_private=False)
    assert "is in a private network (" in str(error)
    assert "--allow-private" in error.hint
    assert len(site.asked) == before


class Names:
    """Says where hosts are, for the tests; a host that is asked for twice is elsewhere then."""

    def __init__(self, known: dict[str, list[list[str]]]) -> None:
        self._known = known
        self._real = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host not in self._known:
            return self._real(host, port, *more, **named)
        answers = self._known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


def test_a_name_of_a_private_address_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Names({"inner.example": [["127.0.0.1"]]}))
    error = failure(f"http://inner.example:{site.port}/page", allow_private=False)
    assert "is in a private network (127.0.0.1)" in str(error)


def test_a_name_that_changes_its_mind_gains_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # TEST-NET addresses count as private; nobody has this one's port 9.
    names = Names({"two.example": [["192.0.0.9"], ["127.0.0.1"]]})
    monkeypatch.setattr(socket, "getaddrinfo", names)
    monkeypatch.setattr("summarize.sources.fetching._is_public", lambda host: host != "127.0.0.1")
    before = len(site.asked)
    failure(f"http://two.example:{site.port}/page", allow_private=False, timeout=1)
    assert len(site.asked) == before


def test_of_several_addresses_the_private_ones_are_not_tried(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody listens at the public one; at the private one there is the site.
    names = Names({"two.example": [["127.0.0.9", "127.0.0.1"]]})
    monkeypatch.setattr(socket, "getaddrinfo", names)
    monkeypatch.setattr("summarize.sources.fetching._is_public", lambda host: host != "127.0.0.1")
    before = len(site.asked)
    error = failure(f"http://two.example:{site.port}/page", allow_private=False)
    assert "two.example cannot be reached" in str(error)
    assert len(site.asked) == before


def test_a_secure_site_is_who_its_certificate_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.example").configure_cert(context)
    names = Names({"news.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    monkeypatch.setattr(socket, "getaddrinfo", names)
    with Site({"/page": holds(PAGE)}, context) as site:
        error = failure(f"https://news.example:{site.port}/page")
        assert "the certificate of news.example cannot be trusted" in str(error)
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert fetch(f"https://news.example:{site.port}/page", allow_private=True)[1] == PAGE
        error = failure(f"https://other.example:{site.port}/page")
        assert "the certificate of other.example cannot be trusted" in str(error)


def test_the_name_is_asked_for_where_it_was_looked_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first address has nobody, the second has the site; the name is looked up once.
    names = Names({"news.example": [["127.0.0.2", "127.0.0.1"], []]})
    monkeypatch.setattr(socket, "getaddrinfo", names)
    assert fetch(f"http://news.example:{site.port}/page", allow_private=True)[1] == PAGE
    assert site.asked[-1][1]["Host"] == f"news.example:{site.port}"


def test_a_cookie_is_kept_on_the_way_for_the_site_that_sets_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("news.example", "other.example")
    known = Names({name: [["127.0.0.1"]] for name in names})
    monkeypatch.setattr(socket, "getaddrinfo", known)
    news, other = (f"http://{name}:{site.port}" for name in names)
    consent = {"Location": f"{other}/on", "Set_Cookie": "consent=yes; Domain=news.example; Path=/"}
    site.pages |= {
        "/consent": lambda handler: answer(handler, status=302, **consent),
        "/on": leads_to(f"{news}/page"),
    }
    assert fetch(f"{news}/consent", allow_private=True)[:2] == (f"{news}/page", PAGE)
    sent = [headers.get("Cookie") for _, headers in site.asked[-3:]]
    assert sent == [None, None, "consent=yes"]


def test_a_redirect_into_a_private_network_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The site itself is taken for a public one; what it leads to is checked like the first address.
    monkeypatch.setattr("summarize.sources.fetching._is_public", lambda host: host == "127.0.0.1")
    site.pages["/inward"] = leads_to("http://169.254.169.254/latest/meta-data")
    error = failure(f"{site.url}/inward", allow_private=False)
    assert "leads to http://169.254.169.254/latest/meta-data, which is in a private network" in str(
        error
    )


def test_a_host_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure("http://nobody.example/")
    assert "the host nobody.example cannot be found (Name or service not known)" in str(error)
    assert not error.retryable


# Proxies


def test_a_proxy_of_the_environment_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.delenv("no_proxy", raising=False)
    site.pages["http://far.example/page"] = holds(PAGE)
    # The proxy looks the name up: here it would not be found.
    assert fetch("http://far.example/page")[1] == PAGE
    assert "is in a private network" in str(failure("http://10.0.0.1/", allow_private=False))


def test_who_needs_no_proxy_is_asked_directly(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert fetch(f"{site.url}/page", allow_private=True)[1] == PAGE


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "a.internal", "127.1", "2130706433", "0x7f000001", "[::1]"]
)
def test_a_proxy_is_not_asked_for_what_is_private(
    site: Site, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("no_proxy", "")
    before = len(site.asked)
    assert "is in a private network" in str(failure(f"http://{host}/", allow_private=False))
    assert len(site.asked) == before


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("socks5h://me:secret@127.0.0.1:1", "the proxy cannot be used ("),
        ("foo://me:secret@127.0.0.1:1", "the proxy cannot be used ("),
        ("http://me:secret@[::1", "the proxy cannot be used ("),
        (
            "http://me:secret@127.0.0.1:1",
            "far.example through the proxy of the environment for http cannot be reached (",
        ),
    ],
)
def test_a_proxy_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, proxy: str, says: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    error = failure("http://far.example/page")
    assert says in str(error)
    assert "secret" not in str(error)


def test_addresses_and_paths_are_told_apart() -> None:
    assert is_address("https://example.org")
    assert is_address("HTTP://EXAMPLE.ORG")
    assert not any(map(is_address, ["http.txt", "http:/a", "ftp://a", "-", "news/http://a"]))
