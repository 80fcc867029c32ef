"""Addresses of endpoints, and HTTP clients that respect the network settings of the environment.

Loopback addresses never go through a proxy, and what sends nothing needs neither proxies nor
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
    "env_value",
    "http_client",
    "is_loopback",
    "max_connections",
    "ollama_url",
    "split_query",
]

# Ollama's own: https://docs.ollama.com/faq
OLLAMA_PORT = 11434
# Files that a process has open besides its connections: libraries, results, the input, pipes.
_OTHER_FILES = 48
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".ai.azure.com")


def env_value(environment: Mapping[str, str], name: str) -> str:
    """Returns a variable without white space and quotation marks around it; empty if unset."""
    return environment.get(name, "").strip().strip("\"'").strip()


def _host(url: str | None) -> str:
    return (urlsplit(url).hostname or "") if url else ""


def is_loopback(url: str | None) -> bool:
    """Whether an address is on this machine."""
    host = _host(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def split_query(url: str) -> tuple[str, dict[str, str]]:
    """Returns the base of an address, and its query, which each request has at its end."""
    parts = urlsplit(url)
    # What portals and documentation show is often the whole address of a request.
    path = re.sub(r"(?:/chat)?/(?:completions|responses)$", "", parts.path.rstrip("/"))
    address = urlunsplit(parts._replace(path=path.rstrip("/"), query="", fragment=""))
    return address, dict(parse_qsl(parts.query))


def ollama_url(environment: Mapping[str, str]) -> str | None:
    """Returns the address in `OLLAMA_HOST`, in any form that Ollama takes; None if it is unset.

    A server that listens on every address is asked on this machine.
    """
    value = env_value(environment, "OLLAMA_HOST")
    if not value:
        return None
    has_scheme = "://" in value
    if not has_scheme and value.count(":") > 1 and not value.startswith("["):
        value = f"[{value}]"  # an IPv6 address alone
    parts = urlsplit(value if has_scheme else f"http://{value}")
    try:
        port = parts.port
    except ValueError:
        port = None
    default = {"http": 80, "https": 443}.get(parts.scheme) if has_scheme else None
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "localhost"}.get(host, host)  # noqa: S104  not listened on
    host = f"[{host}]" if ":" in host else host
    path = re.sub(r"/v1$", "", parts.path.rstrip("/"))
    return f"{parts.scheme}://{host}:{port or default or OLLAMA_PORT}{path}/v1"


def http_client(url: str | None, *, is_async: bool, sends: bool) -> Any:
    """Returns the HTTP client for an endpoint, of openai's own kinds.

    The asynchronous one uses aiohttp: a request costs a third less than with httpx, with 256 in
    flight half, since httpx goes through all connections for each (openai 3.3, aiohttp 3.14).

    Args:
        url: of the endpoint.
        is_async: for asyncio.
        sends: whether anything will be sent to it.

    Raises:
        ConfigurationError: the environment names a proxy or certificates that cannot be used.
    """
    import openai

    kind: Any = openai.DefaultAioHttpClient if is_async else openai.DefaultHttpxClient
    if _host(url).endswith(_AZURE_HOSTS):
        hook = _amove_key_to_azure_header if is_async else _move_key_to_azure_header
        kind = partial(kind, event_hooks={"request": [hook]})
    if not sends or is_loopback(url):
        return kind(trust_env=False)
    try:
        return kind()
    except (ImportError, ValueError) as error:
        raise _unusable(_PROXIES, error, "pip install 'httpx2[socks]', or unset it") from error
    except OSError as error:  # of ssl, too
        raise _unusable(_CERTIFICATES, error, "name a file of certificates, or unset it") from error


def _move_key_to_azure_header(request: Any) -> None:
    key = request.headers.pop("authorization", "").removeprefix("Bearer ")
    request.headers["api-key"] = key


async def _amove_key_to_azure_header(request: Any) -> None:
    _move_key_to_azure_header(request)


def _unusable(names: tuple[str, ...], error: Exception, hint: str) -> ConfigurationError:
    spellings = [spelling for name in names for spelling in (name, name.lower())]
    named = next((name for name in spellings if os.environ.get(name)), names[0])
    return ConfigurationError(f"{named} cannot be used ({error})", hint=hint)


def max_connections(wanted: int) -> int:
    """Returns how many connections may be open at once; raises the limit on open files if need be.

    Args:
        wanted: how many are wanted at most.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Each of the two clients of a run may hold a connection while it closes another.
    needed = 2 * wanted + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    limit = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        soft = limit
    except (OSError, ValueError):
        pass
    return max(1, min(wanted, (soft - _OTHER_FILES) // 2))
