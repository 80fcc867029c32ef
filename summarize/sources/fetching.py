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

# Seconds for all of it: looking up, connecting, redirects, reading.
_TIMEOUT = 30.0
# Seconds for one address of a host that has several, and how many are tried.
_CONNECTING = 8.0
_MAX_ADDRESSES = 4
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
    if timeout is not None and not timeout > 0:
        raise ConfigurationError(f"timeout of {timeout} cannot work", hint="give more than 0")
    timeout = timeout or _TIMEOUT
    try:
        # A thread of its own, so that it works in programs with an event loop, too.
        with start_blocking_portal() as portal:
            return portal.call(_fetch, address, allow_private, timeout)
    except TimeoutError:
        hint = "try again later, or give it more time (--timeout)"
        error = _failure(f"did not answer within {timeout:g} seconds", hint, retryable=True)
    except (httpx2.InvalidURL, UnicodeError):
        error = _failure("is no address", "check how it is written")
    except httpx2.RequestError as broken:
        why = f"the answer cannot be read ({_reason(broken)})"
        error = _failure(why, f"try again later, or {_BY_HAND}", retryable=True)
    except FetchError as failed:
        error = failed
    error.args = (f"{_shorten(address)}: {error.args[0]}",)
    raise error


async def _fetch(address: str, allow_private: bool, timeout: float) -> Fetched:
    with fail_after(timeout):
        async with httpx2.AsyncClient(
            transport=_CheckedTransport(allow_private=allow_private),
            headers=_HEADERS,
            timeout=httpx2.Timeout(None, connect=_CONNECTING),
        ) as client:
            request = client.build_request("GET", address)
            for _ in range(1 + _MAX_REDIRECTS):
                response = await client.send(request, stream=True)
                try:
                    if response.next_request is None:
                        return await _read(response)
                    request = response.next_request
                finally:
                    await response.aclose()
    raise _failure(f"leads on more than {_MAX_REDIRECTS} times", _BY_HAND)


async def _read(response: httpx2.Response) -> Fetched:
    if response.status_code != httpx2.codes.OK:
        raise _refused(response)
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
    return str(response.url), bytes(data), media_type, response.charset_encoding


def _refused(response: httpx2.Response) -> FetchError:
    status = response.status_code
    answer = f"{status} {response.reason_phrase[:_MAX_SAID]}".strip()
    if status in {404, 410}:
        return _failure(f"there is no such page ({answer})", "check the address")
    if status in {408, 425, 429} or 500 <= status < 600:
        return _failure(f"the site cannot answer now ({answer})", "try again later", retryable=True)
    # What sites answer to programs, and to those who have not paid.
    return _failure(f"the site does not give the page ({answer})", _BY_HAND)


class _CheckedTransport(httpx2.AsyncBaseTransport):
    """Connects to hosts whose addresses it has checked, or through the environment's proxy.

    Args:
        allow_private: whether hosts may be on this machine or in a private network.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._opened: list[httpx2.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends a request to the first of the host's addresses that can be connected to."""
        url, host = request.url, request.url.raw_host.decode("ascii")
        # How a message goes on that begins with the address as given.
        it = f"leads to {_shorten(str(url))}, which is" if self._opened else "is"
        if url.scheme not in {"http", "https"} or not host or (url.port or 0) >= 1 << 16:
            raise _failure(f"{it} no address of http or https", "check how it is written")
        if url.userinfo:
            raise _failure(f"{it} an address with a password", _BY_HAND)
        proxy = _proxy_for(url)
        found = await _look_up(host, is_proxied=proxy is not None)
        hosts = [one for one in found if self._allow_private or _is_public(one)]
        if found and not hosts:
            hint = "allow it if you trust the address (--allow-private)"
            raise _failure(f"{it} in a private network ({found[0]})", hint)
        transport = self._open(proxy)
        failure: Exception | None = None
        for one in [host] if proxy else hosts[:_MAX_ADDRESSES]:
            # The header `Host` still says the name.
            pinned = httpx2.Request(
                request.method,
                url.copy_with(host=one),
                headers=request.headers,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await transport.handle_async_request(pinned)
            except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
                failure = error
        if "CERTIFICATE_VERIFY_FAILED" in str(failure):
            raise _failure(f"the certificate of {host} cannot be trusted", _BY_HAND) from failure
        by = f" through the proxy of the environment for {url.scheme}" if proxy else ""
        why = f"{host}{by} cannot be reached ({_reason(failure)})"
        raise _failure(why, "check the address and the network", retryable=True) from failure

    def _open(self, proxy: str | None) -> httpx2.AsyncHTTPTransport:
        try:
            self._opened.append(httpx2.AsyncHTTPTransport(proxy=proxy))
        except (OSError, ImportError, ValueError, httpx2.InvalidURL) as error:
            # The proxy itself is not shown: it may hold a password.
            what = "certificates of this machine" if isinstance(error, OSError) else "proxy"
            hint = "check http_proxy, https_proxy, all_proxy, SSL_CERT_FILE and SSL_CERT_DIR"
            raise _failure(f"the {what} cannot be used ({_reason(error)})", hint) from error
        return self._opened[-1]

    async def aclose(self) -> None:
        """Closes the connections."""
        for transport in self._opened:
            await transport.aclose()


def _proxy_for(url: httpx2.URL) -> str | None:
    """Returns the proxy that the environment names for a host; the proxy looks the name up."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


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


def _shorten(address: str) -> str:
    return address if len(address) <= _MAX_SHOWN else f"{address[:_MAX_SHOWN]}…"
