"""Addresses of endpoints, and HTTP clients that keep to what the environment says of the network.

What goes to this machine goes through no proxy, and what sends nothing needs neither proxies nor
certificates.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from summarize.errors import ConfigurationError

__all__ = [
    "OLLAMA_PORT",
    "http_client",
    "is_loopback",
    "ollama_url",
    "room_for_connections",
    "set_in",
    "split_query",
]

# Ollama's own: https://docs.ollama.com/faq
OLLAMA_PORT = 11434
# Files that a process has open besides its connections: libraries, results, the input, pipes.
_OTHER_FILES = 48
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def set_in(environment: Mapping[str, str], name: str) -> str:
    """The value of a variable without white space and quotation marks around it; empty if unset."""
    return environment.get(name, "").strip().strip("\"'").strip()


def is_loopback(url: str | None) -> bool:
    """Whether an address is on this machine."""
    host = (urlsplit(url).hostname or "") if url else ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_azure(url: str | None) -> bool:
    """Whether an address is Azure's, which takes the key in a header of its own."""
    host = (urlsplit(url).hostname or "") if url else ""
    return host.endswith((".openai.azure.com", ".cognitiveservices.azure.com", ".ai.azure.com"))


def split_query(url: str) -> tuple[str, dict[str, str]]:
    """The base of an address, and its query, which belongs to the end of every request."""
    parts = urlsplit(url)
    # What portals and documentation show is often the whole address of a request.
    path = re.sub(r"(?:/chat)?/(?:completions|responses)$", "", parts.path.rstrip("/"))
    address = urlunsplit(parts._replace(path=path.rstrip("/"), query="", fragment=""))
    return address, dict(parse_qsl(parts.query))


def ollama_url(environment: Mapping[str, str]) -> str | None:
    """Where `OLLAMA_HOST` says that Ollama listens; None where it says nothing.

    Its forms are those of Ollama: a host, a port, both, or a URL. A server that listens on every
    address is asked on this machine.
    """
    told = set_in(environment, "OLLAMA_HOST")
    if not told:
        return None
    has_scheme = "://" in told
    if not has_scheme and told.count(":") > 1 and not told.startswith("["):
        told = f"[{told}]"  # an IPv6 address alone
    parts = urlsplit(told if has_scheme else f"http://{told}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if port is None:
        port = {"http": 80, "https": 443}.get(parts.scheme, OLLAMA_PORT)
        port = port if has_scheme else OLLAMA_PORT
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "localhost"}.get(host, host)  # noqa: S104  not listened on
    host = f"[{host}]" if ":" in host else host
    path = re.sub(r"/v1$", "", parts.path.rstrip("/"))
    return f"{parts.scheme}://{host}:{port}{path}/v1"


def http_client(url: str | None, *, is_async: bool, sends: bool) -> Any:
    """The HTTP client for an endpoint, of openai's own kinds.

    An asynchronous one stands on aiohttp: a request costs a third less than on httpx, with 256 in
    flight half, since httpx goes through all connections for each. (openai 3.3, aiohttp 3.14)

    Args:
        url: of the endpoint; None for the provider's own.
        is_async: for asyncio.
        sends: whether anything will be sent to it.

    Raises:
        ConfigurationError: the environment names a proxy or certificates that cannot be used.
    """
    import openai

    kind: Any = openai.DefaultAioHttpClient if is_async else openai.DefaultHttpxClient
    if _is_azure(url):
        hook = _akey_in_azures_header if is_async else _key_in_azures_header
        kind = partial(kind, event_hooks={"request": [hook]})
    if not sends or is_loopback(url):
        return kind(trust_env=False)
    try:
        return kind()
    except (ImportError, ValueError) as error:
        raise _unusable(_PROXIES, error, "pip install 'httpx2[socks]', or unset it") from error
    except OSError as error:  # of ssl, too
        raise _unusable(_CERTIFICATES, error, "name a file of certificates, or unset it") from error


def _key_in_azures_header(request: Any) -> None:
    key = request.headers.pop("authorization", "").removeprefix("Bearer ")
    request.headers["api-key"] = key


async def _akey_in_azures_header(request: Any) -> None:
    _key_in_azures_header(request)


def _unusable(names: tuple[str, ...], error: Exception, hint: str) -> ConfigurationError:
    both = [form for name in names for form in (name, name.lower())]
    named = next((name for name in both if os.environ.get(name)), names[0])
    return ConfigurationError(f"{named} cannot be used ({error})", hint=hint)


def room_for_connections(wanted: int) -> int:
    """How many connections may be open at once: the limit on open files is raised if need be."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Each of the two clients of a run may hold a connection while it closes another.
    needed = 2 * wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
        except (OSError, ValueError):
            pass
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    return max(1, min(wanted, (soft - _OTHER_FILES) // 2))
