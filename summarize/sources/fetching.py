"""Fetches pages and texts from the Web, only from public networks unless others are allowed.

Every host on the way, also that of a redirect, is looked up once, and the connection is made to the
very address that was checked, so a name that resolves differently a moment later gains nothing.
"""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from summarize.errors import ConfigurationError, FetchError

if TYPE_CHECKING:
    import httpx2

__all__ = ["Fetched", "fetch", "is_address"]

# Seconds for all of it: looking up, connecting, redirects, reading.
_TIMEOUT = 30.0
# Seconds for one address of a host that has several.
_CONNECTING = 8.0
# Addresses of one host that are tried.
_MAX_ADDRESSES = 4
# Bytes. Pages of news have some hundred thousand, few have more than three million.
_MAX_BYTES = 10_000_000
# As many as follow each other where http becomes https, then www., then a page of consent.
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
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


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address holds.

    Attributes:
        address: after redirects.
        data: decompressed.
        media_type: such as "text/html"; empty where the server says none.
        charset: that the server says, or None.
    """

    address: str
    data: bytes
    media_type: str
    charset: str | None


def is_address(text: str) -> bool:
    """Whether a string is an address of the Web, and no path."""
    return text[:8].lower().startswith(("http://", "https://"))


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
    if timeout is not None and not timeout > 0:
        raise ConfigurationError(f"timeout of {timeout} cannot work", hint="give more than 0")
    from anyio.from_thread import start_blocking_portal

    try:
        # A thread of its own, so that it works in programs with an event loop, too.
        with start_blocking_portal() as portal:
            return portal.call(_fetch_in_time, address, allow_private, timeout or _TIMEOUT)
    except FetchError as error:
        error.args = (f"{_shorten(address)}: {error.args[0]}",)
        raise


async def _fetch_in_time(address: str, allow_private: bool, timeout: float) -> Fetched:
    from anyio import fail_after

    try:
        with fail_after(timeout):
            return await _follow(address, allow_private=allow_private)
    except TimeoutError:
        hint = "try again later, or give it more time (--timeout)"
        why = f"did not answer within {timeout:g} seconds"
        raise _failure(why, hint, retryable=True) from None


async def _follow(address: str, *, allow_private: bool) -> Fetched:
    """Returns what is at an address, or where it redirects to."""
    import httpx2

    # How a message goes on that begins with the address as given.
    it = "is"
    for _ in range(1 + _MAX_REDIRECTS):
        url = _parse(address, it)
        proxy = _proxy_for(url)
        found = await _look_up(url, is_proxied=proxy is not None)
        hosts = [one for one in found if allow_private or _is_public(one)]
        if found and not hosts:
            hint = "allow it if you trust the address (--allow-private)"
            raise _failure(f"{it} in a private network ({found[0]})", hint)
        async with _answer(url, [url.host] if proxy else hosts, proxy) as response:
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or not location:
                return await _read(response, address)
        it = f"leads to {_shorten(location)}, which is"
        try:
            address = str(url.join(location))
        except (httpx2.InvalidURL, ValueError):
            raise _failure(f"{it} no address", _BY_HAND) from None
    raise _failure(f"leads on more than {_MAX_REDIRECTS} times", _BY_HAND)


def _parse(address: str, it: str) -> httpx2.URL:
    import httpx2

    hint = "check how it is written"
    try:
        url = httpx2.URL(address)
        host = url.raw_host
    except (httpx2.InvalidURL, ValueError):
        raise _failure(f"{it} no address", hint) from None
    if url.port is not None and not 0 < url.port < 1 << 16:
        raise _failure(f"{it} no address ({url.port} is no port)", hint)
    if url.scheme not in {"http", "https"} or not host:
        raise _failure(f"{it} no address of http or https", hint)
    if url.userinfo:
        raise _failure(f"{it} an address with a password", _BY_HAND)
    return url


# Where the host is


def _proxy_for(url: httpx2.URL) -> str | None:
    """Returns the proxy that the environment names for a host; the proxy looks the name up."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


async def _look_up(url: httpx2.URL, *, is_proxied: bool) -> list[str]:
    """Returns the numeric addresses of a host; behind a proxy, only what its name itself tells."""
    from anyio.to_thread import run_sync

    host = url.raw_host.decode("ascii")
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
        why = getattr(error, "strerror", None) or "no name"
        raise _failure(
            f"the host {host} cannot be found ({why})",
            "check the address and the network",
            retryable=getattr(error, "errno", None) == socket.EAI_AGAIN,
        ) from None
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


# What it answers


@asynccontextmanager
async def _answer(
    url: httpx2.URL, hosts: list[str], proxy: str | None
) -> AsyncIterator[httpx2.Response]:
    """Opens the answer of the first of the hosts that can be connected to."""
    import httpx2

    name = url.raw_host.decode("ascii")
    headers = {"Host": url.netloc.decode("ascii"), **_headers()}
    failure: Exception | None = None
    # No cookies, no second request: a client for each host on the way.
    async with _client(proxy) as client:
        for host in hosts[:_MAX_ADDRESSES]:
            request = client.build_request(
                "GET",
                url.copy_with(host=host),
                headers=headers,
                extensions={"sni_hostname": name},
            )
            try:
                response = await client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
                continue
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                raise _broken(error) from error
            try:
                yield response
            finally:
                await response.aclose()
            return
    if failure and "CERTIFICATE_VERIFY_FAILED" in str(failure):
        raise _failure(f"the certificate of {name} cannot be trusted", _BY_HAND) from failure
    by = f" through the proxy of the environment for {url.scheme}" if proxy else ""
    why = f"{name}{by} cannot be reached ({_reason(failure)})"
    raise _failure(why, "check the address and the network", retryable=True) from failure


def _client(proxy: str | None) -> httpx2.AsyncClient:
    import httpx2

    try:
        return httpx2.AsyncClient(
            verify=httpx2.create_ssl_context(),
            proxy=proxy,
            trust_env=False,
            timeout=httpx2.Timeout(None, connect=_CONNECTING),
        )
    except OSError as error:
        why = f"the certificates of this machine cannot be read ({error.strerror})"
        raise _failure(why, "check SSL_CERT_FILE and SSL_CERT_DIR") from error
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        # The proxy itself is not shown: it may hold a password.
        why = f"the proxy of the environment cannot be used ({_reason(error)})"
        raise _failure(why, "check http_proxy, https_proxy and all_proxy") from error


def _headers() -> dict[str, str]:
    from importlib.metadata import version

    return {
        "User-Agent": f"summarize/{version('summarize')}",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1",
    }


async def _read(response: httpx2.Response, address: str) -> Fetched:
    import httpx2

    if response.status_code != httpx2.codes.OK:
        raise _refused(response)
    # Servers write "text/html charset=utf-8" and "text/html, text/html", too.
    media_type = re.split(r"[;,\s]", response.headers.get("content-type", "").strip().lower())[0]
    if media_type not in _TYPES:
        hint = "give the address of a page, or save its text to a file"
        raise _failure(f"is {media_type[:_MAX_SAID]}, neither a page nor a text", hint)
    data = bytearray()
    try:
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > _MAX_BYTES:
                why = f"is larger than {_MAX_BYTES // 1_000_000} MB"
                raise _failure(why, "save its text to a file, and give that")
    except httpx2.RequestError as error:
        raise _broken(error) from error
    return Fetched(address, bytes(data), media_type, response.charset_encoding)


# What went wrong


def _refused(response: httpx2.Response) -> FetchError:
    status = response.status_code
    answer = f"{status} {response.reason_phrase[:_MAX_SAID]}".strip()
    match status:
        case 404 | 410:
            return _failure(f"there is no such page ({answer})", "check the address")
        case 401 | 402 | 403 | 406 | 451:
            # What sites answer to programs, and to those who have not paid.
            return _failure(f"the site keeps the page back ({answer})", _BY_HAND)
        case _ if status in {408, 425, 429} or 500 <= status < 600:
            why = f"the site cannot answer now ({answer})"
            return _failure(why, "try again later", retryable=True)
    return _failure(f"the site does not give the page ({answer})", _BY_HAND)


def _broken(error: Exception) -> FetchError:
    why = f"the answer cannot be read ({_reason(error)})"
    return _failure(why, f"try again later, or {_BY_HAND}", retryable=True)


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


def _shorten(address: str) -> str:
    return address if len(address) <= _MAX_SHOWN else f"{address[:_MAX_SHOWN]}…"
