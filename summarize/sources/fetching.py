"""Fetches pages and texts from the Web, only from public networks unless others are allowed.

Every host on the way, also that of a redirect, is looked up once, and the connection is made to the
very address that was checked, so a name that resolves differently a moment later gains nothing.
"""

from __future__ import annotations

import errno
import os
import re
import socket
from functools import partial
from importlib.metadata import version
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpx2
from anyio import fail_after
from anyio.from_thread import start_blocking_portal
from anyio.to_thread import run_sync

from summarize.errors import ConfigurationError, FetchError

# Seconds for all of it: looking up, connecting, redirects, reading; and for one of the addresses of
# a host that has several.
_TIMEOUT = 30.0
_CONNECTING = 8.0
# Bytes. Pages of news have some hundred thousand, few have more than three million.
_MAX_BYTES = 10_000_000
# As many as follow each other where http becomes https, then www., then a page of consent.
_MAX_REDIRECTS = 5
_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})
# Not public, though Python 3.11 takes them for it: protocol assignments (RFC 6890), 6to4 relays
# (RFC 7526), site-local (RFC 3879), documentation (RFC 9637), and what Azure's machines ask for
# their settings: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
_NOT_PUBLIC = [
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "168.63.129.16/32")
]
# Names that are never public: RFC 6761, RFC 6762, and what ICANN keeps free for private use.
_PRIVATE_NAMES = ("localhost", "local", "internal")
# RFC 6052: the last four bytes are the IPv4 address that a gateway leads to.
_NAT64 = IPv6Network("64:ff9b::/96")
# Characters of an address, and of a server's words, that a message repeats.
_MAX_SHOWN = 200
_MAX_SAID = 60
_BY_HAND = "open it in a browser, save the page, and give the file"
_CHECK = "check how it is written"
_HEADERS = {
    "User-Agent": f"summarize/{version('summarize')}",
    "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1",
}


Fetched: TypeAlias = tuple[str, bytes, str, str | None]
"""The address after redirects; what it holds, decompressed; its media type, such as "text/html",
empty where the server says none; and the charset that the server says, or None."""


def fetch(address: str, *, allow_private: bool = False, timeout: float | None = None) -> Fetched:
    """Fetches a page or a text.

    Args:
        address: with http or https.
        allow_private: whether it may be on this machine or in a private network.
        timeout: seconds for all of it; 30 by default.

    Raises:
        FetchError: it cannot be fetched, is too large, or is neither a page nor a text.
        ConfigurationError: the timeout is not above 0.
    """
    timeout = _TIMEOUT if timeout is None else timeout
    if not timeout > 0:
        raise ConfigurationError(f"timeout of {timeout} cannot work", hint="give more than 0")
    try:
        # A thread of its own, so that it works in programs with an event loop, too.
        with start_blocking_portal() as portal:
            return portal.call(_fetch, address, allow_private, timeout)
    except TimeoutError:
        hint = "try again later, or give it more time (--timeout)"
        error = _failure(f"did not answer within {timeout:g} seconds", hint, retryable=True)
    except (httpx2.InvalidURL, UnicodeError):
        error = _failure("is no address", _CHECK)
    except httpx2.RequestError as broken:
        why = f"the answer cannot be read ({_reason(broken)})"
        error = _failure(why, f"try again later, or {_BY_HAND}", retryable=True)
    except FetchError as failed:
        error = failed
    error.args = (f"{address[:_MAX_SHOWN]}: {error.args[0]}",)
    raise error


async def _fetch(address: str, allow_private: bool, timeout: float) -> Fetched:
    # How a message goes on that begins with the address as given.
    it, url = "is", httpx2.URL(address)
    # Sites that ask for consent set one and lead on.
    cookies = httpx2.Cookies()
    with fail_after(timeout):
        for _ in range(1 + _MAX_REDIRECTS):
            hosts, proxy = await _hosts(url, it, allow_private=allow_private)
            asked = httpx2.Request("GET", url, headers=_HEADERS)
            cookies.set_cookie_header(asked)
            async with _transport(proxy) as transport:
                response = await _answer(asked, hosts, transport, is_proxied=proxy is not None)
                # A cookie is of the name that was asked for, not of its numeric address.
                response.request = asked
                cookies.extract_cookies(response)
                if not response.has_redirect_location:
                    return await _read(response, url)
                location = response.headers["location"]
                it = f"leads to {location[:_MAX_SHOWN]}, which is"
            try:
                url = url.join(location)
            except httpx2.InvalidURL:
                raise _failure(f"{it} no address", _BY_HAND) from None
    raise _failure(f"leads on more than {_MAX_REDIRECTS} times", _BY_HAND)


async def _hosts(url: httpx2.URL, it: str, *, allow_private: bool) -> tuple[list[str], str | None]:
    """Returns the addresses of a host that may be asked, and the proxy that looks them up."""
    host = url.raw_host.decode("ascii")
    if url.scheme not in {"http", "https"} or not host or (url.port or 0) >= 1 << 16:
        raise _failure(f"{it} no address of http or https", _CHECK)
    if url.userinfo:
        raise _failure(f"{it} an address with a password", _BY_HAND)
    proxies = getproxies()
    proxy = None if proxy_bypass(url.host) else proxies.get(url.scheme) or proxies.get("all")
    found = await _look_up(host, is_proxied=bool(proxy))
    hosts = [one for one in found if allow_private or _is_public(one)]
    if found and not hosts:
        hint = "allow it if you trust the address (--allow-private)"
        raise _failure(f"{it} in a private network ({found[0]})", hint)
    if not proxy:
        return hosts, None
    return [host], proxy if "://" in proxy else f"http://{proxy}"


def _transport(proxy: str | None) -> httpx2.AsyncHTTPTransport:
    try:
        return httpx2.AsyncHTTPTransport(proxy=proxy)
    except (OSError, ImportError, ValueError, httpx2.InvalidURL) as error:
        # The proxy itself is not shown: it may hold a password.
        what = "certificates of this machine" if isinstance(error, OSError) else "proxy"
        hint = "check http_proxy, https_proxy, all_proxy, SSL_CERT_FILE and SSL_CERT_DIR"
        raise _failure(f"the {what} cannot be used ({_reason(error)})", hint) from error


async def _answer(
    asked: httpx2.Request,
    hosts: list[str],
    transport: httpx2.AsyncHTTPTransport,
    *,
    is_proxied: bool,
) -> httpx2.Response:
    """Returns the answer of the first of a host's addresses that can be connected to."""
    url = asked.url
    timeout = httpx2.Timeout(None, connect=_CONNECTING)
    client = httpx2.AsyncClient(transport=transport, timeout=timeout)
    failure: Exception | None = None
    for host in hosts:
        request = client.build_request(
            "GET",
            url.copy_with(host=host),
            # Their `Host` still says the name.
            headers=asked.headers,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )
        try:
            return await client.send(request, stream=True)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
            failure = error
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):
        raise _failure(f"the certificate of {url.host} cannot be trusted", _BY_HAND) from failure
    by = f" through the proxy of the environment for {url.scheme}" if is_proxied else ""
    why = f"{url.host}{by} cannot be reached ({_reason(failure)})"
    raise _failure(why, "check the address and the network", retryable=True) from failure


async def _read(response: httpx2.Response, url: httpx2.URL) -> Fetched:
    _check_status(response)
    # Servers write "text/html charset=utf-8" and "text/html, text/html", too.
    media_type = re.split(r"[;,\s]", response.headers.get("content-type", "").strip().lower())[0]
    if media_type not in _TYPES:
        hint = "give the address of a page, or save its text to a file"
        raise _failure(f"is {media_type[:_MAX_SAID]}, neither a page nor a text", hint)
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > _MAX_BYTES:
            why = f"is larger than {_MAX_BYTES // 1_000_000} MB"
            raise _failure(why, "save its text to a file, and give that")
    return str(url), bytes(data), media_type, response.charset_encoding


def _check_status(response: httpx2.Response) -> None:
    status = response.status_code
    answer = f"{status} {response.reason_phrase[:_MAX_SAID]}".strip()
    if status in {404, 410}:
        raise _failure(f"there is no such page ({answer})", "check the address")
    if status in {408, 425, 429} or 500 <= status < 600:
        why = f"the site cannot answer now ({answer})"
        raise _failure(why, "try again later", retryable=True)
    if status != httpx2.codes.OK:
        # What sites answer to programs, and to those who have not paid.
        raise _failure(f"the site does not give the page ({answer})", _BY_HAND)


async def _look_up(host: str, *, is_proxied: bool) -> list[str]:
    """Returns the numeric addresses of a host; behind a proxy, only what its name itself tells."""
    if is_proxied and host.rstrip(".").lower().rpartition(".")[2] in _PRIVATE_NAMES:
        return ["127.0.0.1"]
    flags = socket.AI_NUMERICHOST if is_proxied else 0
    look_up = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM, flags=flags)
    try:
        # It takes its time, and nothing can stop it.
        found = await run_sync(look_up, abandon_on_cancel=True)
    except (OSError, UnicodeError) as error:
        if is_proxied:
            return []
        why = f"the host {host} cannot be found ({getattr(error, 'strerror', None) or 'no name'})"
        is_for_now = getattr(error, "errno", None) == socket.EAI_AGAIN
        hint = "check the address and the network"
        raise _failure(why, hint, retryable=is_for_now) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_public(host: str) -> bool:
    """Whether a numeric address, or the IPv4 address within it, is on the public Internet."""
    address = ip_address(host)
    if not isinstance(address, IPv4Address):
        if address in _NAT64:
            address = IPv4Address(address.packed[-4:])
        else:
            address = address.ipv4_mapped or address.sixtofour or address
    is_special = address.is_multicast or address.is_reserved
    return address.is_global and not is_special and not any(address in one for one in _NOT_PUBLIC)


def _reason(error: BaseException | None) -> str:
    """Returns the system's words where there are any; what libraries say is for programmers."""
    cause = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno and cause.errno in errno.errorcode:
            return os.strerror(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__


def _failure(why: str, hint: str, *, retryable: bool = False) -> FetchError:
    error = FetchError(why, hint=hint)
    error.retryable = retryable
    return error
