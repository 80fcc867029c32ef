"""HTTP clients that respect the network settings of the environment, and the limit on open files.

Loopback addresses never go through a proxy, and what sends nothing needs neither proxies nor
certificates.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from summarize.errors import ConfigurationError

__all__ = ["env_value", "host_of", "http_client", "is_loopback", "max_connections"]

# Files that a process has open besides its connections: libraries, results, the input, pipes.
_OTHER_FILES = 48
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def env_value(environment: Mapping[str, str], name: str) -> str:
    """Returns a variable without white space and quotation marks around it; empty if unset."""
    return environment.get(name, "").strip().strip("\"'").strip()


def host_of(url: str | None) -> str:
    """Returns the host of an address; empty if there is none."""
    return (urlsplit(url).hostname or "") if url else ""


def is_loopback(url: str | None) -> bool:
    """Whether an address is on this machine."""
    host = host_of(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def http_client(url: str | None, *, is_async: bool, sends: bool) -> Any:
    """Returns the HTTP client for an endpoint, of openai's own kinds.

    The asynchronous one uses aiohttp: a request costs a third less than with httpx, with 256 in
    flight half, since httpx goes through all connections for each (openai 3.3, aiohttp 3.14).

    Raises:
        ConfigurationError: the environment names a proxy or certificates that cannot be used.
    """
    import openai

    kind: Any = openai.DefaultAioHttpClient if is_async else openai.DefaultHttpxClient
    if not sends or is_loopback(url):
        return kind(trust_env=False)
    try:
        return kind()
    except (ImportError, ValueError) as error:
        raise _unusable(_PROXIES, error, "pip install 'httpx2[socks]', or unset it") from error
    except OSError as error:  # of ssl, too
        raise _unusable(_CERTIFICATES, error, "name a file of certificates, or unset it") from error


def _unusable(names: tuple[str, ...], error: Exception, hint: str) -> ConfigurationError:
    spellings = [spelling for name in names for spelling in (name, name.lower())]
    named = next((name for name in spellings if os.environ.get(name)), names[0])
    return ConfigurationError(f"{named} cannot be used ({error})", hint=hint)


def max_connections(wanted: int) -> int:
    """Returns how many connections may be open at once, at most those wanted.

    Raises the limit on open files where that is needed and allowed.
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
