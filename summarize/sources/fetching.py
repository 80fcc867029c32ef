"""What is at an address of the Web, from public networks alone unless others are allowed.

Every host on the way, those of redirects too, is looked up once, and the connection is made to the
very address that was checked: a name that changes its mind in between gains nothing by it.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from summarize.errors import ConfigurationError, FetchError
from summarize.sources.decompression import PACKINGS, Unpacked

if TYPE_CHECKING:
    import httpx2

__all__ = ["Fetched", "fetch", "is_address"]

# Seconds for all of it: looking up, connecting, redirects, reading.
_TIMEOUT = 30.0
# Seconds for one address of a host that has several.
_CONNECTING = 8.0
# Of a host with many, these may be tried.
_MAX_ADDRESSES = 4
# Bytes. Pages of news have some hundred thousand, few have more than three million.
_MAX_BYTES = 10_000_000
# As many as follow each other where http becomes https, then www., then a page of consent.
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MISSING = frozenset({404, 410})
# What sites answer to programs, and to those who have not paid.
_KEPT_BACK = frozenset({401, 402, 403, 406, 451})
_BUSY = frozenset({408, 425, 429})
_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})
# Not of the public Internet, though Python 3.11 has them for it: protocol assignments (RFC 6890),
# 6to4 relays (RFC 7526), site-local (RFC 3879), documentation (RFC 9637). And what Azure's machines
# ask for their own settings: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
_NOT_PUBLIC = [
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "168.63.129.16/32")
]
# Names that lead nowhere else: RFC 6761, RFC 6762, and what ICANN keeps free for private use.
_PRIVATE_NAMES = ("localhost", "local", "internal")
# RFC 6052: its last four bytes are the IPv4 address that a gateway leads to.
_NAT64 = IPv6Network("64:ff9b::/96")
# Characters of an address, and of a server's words, that a message repeats.
_MAX_SHOWN = 200
_MAX_SAID = 60
_BY_HAND = "open it in a browser, save the page, and give the file"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address holds.

    Attributes:
        address: where it was in the end, after redirects.
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
        allow_private: whether it may be on this machine or in a network of its own.
        timeout: seconds for all of it; None for 30.

    Raises:
        FetchError: it cannot be fetched, is too large, or is neither a page nor a text.
        ConfigurationError: the timeout is not above 0.
    """
    if timeout is not None and not timeout > 0:
        raise ConfigurationError(f"timeout of {timeout} cannot work", hint="give more than 0")
    from anyio.from_thread import start_blocking_portal

    # A thread of its own, so that it works in programs with an event loop, too.
    with start_blocking_portal() as portal:
        visit = partial(_visit, address, allow_private=allow_private, timeout=timeout or _TIMEOUT)
        return portal.call(visit)


async def _visit(address: str, *, allow_private: bool, timeout: float) -> Fetched:
    from anyio import fail_after

    try:
        with fail_after(timeout):
            return await _followed(address, allow_private=allow_private)
    except TimeoutError:
        raise _failure(
            address,
            f"did not answer within {timeout:g} seconds",
            "try again later, or give it more time (--timeout)",
            retryable=True,
        ) from None


async def _followed(address: str, *, allow_private: bool) -> Fetched:
    """What is at an address, or where it leads to."""
    import httpx2

    told, leads = address, "is"
    for _ in range(1 + _MAX_REDIRECTS):
        url = _parsed(address, told, leads)
        proxy = _proxy_of(url)
        if proxy is None:
            hosts = _allowed(await _looked_up(url, told), told, leads, allow_private=allow_private)
        else:
            # The proxy looks names up, and says where one may go; some need no looking up.
            known = _known_to_be(url.host)
            hosts = _allowed(known, told, leads, allow_private=allow_private) and [url.host]
        async with _answer(url, hosts, told, proxy) as response:
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or not location:
                return await _content(response, address, told)
        leads = f"leads to {_shown(location)}, which is"
        try:
            address = str(url.join(location))
        except (httpx2.InvalidURL, ValueError):
            raise _failure(told, f"{leads} no address", _BY_HAND) from None
    raise _failure(told, f"leads on more than {_MAX_REDIRECTS} times", _BY_HAND)


def _parsed(address: str, told: str, leads: str) -> httpx2.URL:
    """The address in its parts.

    Raises:
        FetchError: it is none that can be fetched.
    """
    import httpx2

    hint = "check how it is written"
    try:
        url = httpx2.URL(address)
        host = url.raw_host
    except (httpx2.InvalidURL, ValueError):
        raise _failure(told, f"{leads} no address", hint) from None
    if url.port is not None and not 0 < url.port <= _LAST_PORT:
        raise _failure(told, f"{leads} no address ({url.port} is no port)", hint)
    if url.scheme not in {"http", "https"} or not host:
        raise _failure(told, f"{leads} no address of http or https", hint)
    if url.userinfo:
        raise _failure(told, f"{leads} an address with a password", _BY_HAND)
    return url


_LAST_PORT = 65_535

# Where the host is


def _proxy_of(url: httpx2.URL) -> str | None:
    """The proxy that the environment wants for a host; it is the one that looks the name up."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


async def _looked_up(url: httpx2.URL, told: str) -> list[str]:
    """The numeric addresses of a host."""
    from anyio.to_thread import run_sync

    host = url.raw_host.decode("ascii")
    port = url.port or (443 if url.scheme == "https" else 80)
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        # It takes its time, and nothing can stop it.
        found = await run_sync(look_up, abandon_on_cancel=True)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no name"
        raise _failure(
            told,
            f"the host {host} cannot be found ({why})",
            "check the address and the network",
            retryable=getattr(error, "errno", None) == socket.EAI_AGAIN,
        ) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _allowed(found: list[str], told: str, leads: str, *, allow_private: bool) -> list[str]:
    """The numeric addresses that may be connected to.

    Raises:
        FetchError: there are some, but none that may.
    """
    allowed = [one for one in found if allow_private or _is_public(one)]
    if found and not allowed:
        hint = "allow it if you trust the address (--allow-private)"
        raise _failure(told, f"{leads} in a private network ({found[0]})", hint)
    return allowed[:_MAX_ADDRESSES]


def _known_to_be(host: str) -> list[str]:
    """The numeric address that a host is, or is known to have; the host itself if none is known."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    if host.rstrip(".").lower().rpartition(".")[2] in _PRIVATE_NAMES:
        return ["127.0.0.1"]
    try:
        # "127.1", "0x7f000001", "2130706433".
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except (OSError, UnicodeError):
        return [host]


def _is_public(host: str) -> bool:
    """Whether a numeric address is one of the public Internet, and so is the one it stands for.

    A name stands for what the proxy finds.
    """
    try:
        address = _meant(ip_address(host))
    except ValueError:
        return True
    is_special = address.is_multicast or address.is_reserved
    return address.is_global and not is_special and not any(address in one for one in _NOT_PUBLIC)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address within one of IPv6, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


# What it answers


@asynccontextmanager
async def _answer(
    url: httpx2.URL, hosts: list[str], told: str, proxy: str | None
) -> AsyncIterator[httpx2.Response]:
    """The answer of the first of the addresses that can be connected to; its content is to come."""
    import httpx2

    name = url.raw_host.decode("ascii")
    headers = {"Host": url.netloc.decode("ascii"), **_headers()}
    # No cookies, no second request: a client for each host on the way.
    async with _client(told, proxy) as client:
        for left in reversed(range(len(hosts))):
            place = url.copy_with(host=hosts[-1 - left])
            request = client.build_request(
                "GET", place, headers=headers, extensions={"sni_hostname": name}
            )
            try:
                response = await client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                if not left:
                    by = f" through the proxy of the environment for {url.scheme}" if proxy else ""
                    raise _unreachable(told, f"{name}{by}", error) from error
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                raise _broken(told, error) from error
            else:
                break
        try:
            yield response
        finally:
            await response.aclose()


def _client(told: str, proxy: str | None) -> httpx2.AsyncClient:
    import httpx2

    try:
        if proxy and not 0 < (httpx2.URL(proxy).port or 1) <= _LAST_PORT:
            raise ValueError("it has no such port")
        return httpx2.AsyncClient(
            verify=httpx2.create_ssl_context(),
            proxy=proxy,
            trust_env=False,
            timeout=httpx2.Timeout(None, connect=_CONNECTING),
        )
    except OSError as error:
        why = f"the certificates of this machine cannot be read ({error.strerror})"
        raise _failure(told, why, "check SSL_CERT_FILE and SSL_CERT_DIR") from error
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        # Which one is not said: it may hold a password.
        why = f"the proxy of the environment cannot be used ({_reason(error)})"
        raise _failure(told, why, "check http_proxy, https_proxy and all_proxy") from error


def _headers() -> dict[str, str]:
    from importlib.metadata import version

    return {
        "User-Agent": f"summarize/{version('summarize')}",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1",
    }


async def _content(response: httpx2.Response, address: str, told: str) -> Fetched:
    import httpx2

    if response.status_code != httpx2.codes.OK:
        raise _refused(told, response)
    # Servers write "text/html charset=utf-8" and "text/html, text/html", too.
    media_type = re.split(r"[;,\s]", response.headers.get("content-type", "").strip().lower())[0]
    packed = _packed_as(response)
    if packed:
        why = f"the answer is compressed as {packed}, which it was not asked to be"
        raise _failure(told, why, _BY_HAND)
    if media_type not in _TYPES:
        hint = "give the address of a page, or save its text to a file"
        raise _failure(told, f"is {media_type[:_MAX_SAID]}, neither a page nor a text", hint)
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > _MAX_BYTES:
        raise _too_large(told)
    data = bytearray()
    try:
        async for piece in _pieces(response):
            data += piece
            if len(data) > _MAX_BYTES:
                raise _too_large(told)
    except (httpx2.TransportError, zlib.error, EOFError) as error:
        raise _broken(told, error) from error
    return Fetched(address, bytes(data), media_type, response.charset_encoding)


async def _pieces(response: httpx2.Response) -> AsyncIterator[bytes]:
    """What is in the answer, unpacked.

    Raises:
        EOFError: the end is missing.
    """
    # httpx takes what was cut off within the compressed data for whole.
    unpacked = Unpacked() if _packings(response) else None
    async for chunk in response.aiter_raw():
        for piece in (chunk,) if unpacked is None else unpacked.fed(chunk):
            yield piece
    if unpacked is not None and not unpacked.is_whole:
        raise EOFError("it ends too early")


def _packings(response: httpx2.Response) -> list[str]:
    tokens = response.headers.get("content-encoding", "").split(",")
    found = (token.strip().lower() for token in tokens)
    return [token for token in found if token not in {"", "identity"}]


def _packed_as(response: httpx2.Response) -> str:
    """How the answer is compressed, where it is and cannot be read; empty otherwise."""
    found = _packings(response)
    unknown = [one for one in found if one not in PACKINGS]
    return ", ".join(unknown or found[1:])[:_MAX_SAID]


# What went wrong


def _refused(told: str, response: httpx2.Response) -> FetchError:
    status = response.status_code
    answer = f"{status} {response.reason_phrase[:_MAX_SAID]}".strip()
    if status in _MISSING:
        return _failure(told, f"there is no such page ({answer})", "check the address")
    if status in _KEPT_BACK:
        return _failure(told, f"the site keeps the page back ({answer})", _BY_HAND)
    if status in _BUSY or 500 <= status < 600:
        why = f"the site cannot answer now ({answer})"
        return _failure(told, why, "try again later", retryable=True)
    return _failure(told, f"the site does not give the page ({answer})", _BY_HAND)


def _unreachable(told: str, name: str, error: Exception) -> FetchError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return _failure(told, f"the certificate of {name} cannot be trusted", _BY_HAND)
    why = f"{name} cannot be reached ({_reason(error)})"
    return _failure(told, why, "check the address and the network", retryable=True)


def _broken(told: str, error: Exception) -> FetchError:
    why = f"the answer cannot be read ({_reason(error)})"
    return _failure(told, why, f"try again later, or {_BY_HAND}", retryable=True)


def _too_large(told: str) -> FetchError:
    why = f"is larger than {_MAX_BYTES // 1_000_000} MB"
    return _failure(told, why, "save its text to a file, and give that")


def _reason(error: Exception) -> str:
    """The system's own words where there are any; what libraries say is for programmers."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno and cause.errno in errno.errorcode:
            return os.strerror(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__


def _failure(told: str, why: str, hint: str, *, retryable: bool = False) -> FetchError:
    error = FetchError(f"{_shown(told)}: {why}", hint=hint)
    error.retryable = retryable
    return error


def _shown(address: str) -> str:
    return address if len(address) <= _MAX_SHOWN else f"{address[:_MAX_SHOWN]}…"
