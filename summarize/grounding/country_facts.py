"""Facts about countries, from the countryinfo library: their codes, capitals and borders."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from countryinfo import CountryInfo

__all__ = ["borders", "by_population", "capital_coordinates", "two_letter_code"]

# In tenths of a degree, a map as wide as a screen shows no difference.
_DECIMALS = 1
_NOT_DRAWN = "ATA"


def by_population() -> list[tuple[str, CountryInfo]]:
    """Returns the countries with their codes (ISO 3166-1 alpha-3), the largest last.

    Parts of a country may have its code; the whole one has the most people, and comes after them.
    """
    from countryinfo import all_countries

    # The library has no code for other parts, such as Scotland.
    known = [(code, country) for country in all_countries() if (code := country.iso(3))]
    return sorted(known, key=lambda pair: pair[1].population() or 0)


@cache
def capital_coordinates() -> dict[str, tuple[float, float]]:
    """Returns latitude and longitude of the capitals, by the countries' codes."""
    return {
        code: (found[0], found[1])
        for code, country in by_population()
        if (found := country.capital_latlng())
    }


@cache
def two_letter_code(code: str) -> str | None:
    """Returns the code of ISO 3166-1 alpha-2, in lower case, of one of alpha-3."""
    from countryinfo import all_countries

    if code == "XKX":  # Kosovo is not in ISO 3166, nor in the library.
        return "xk"
    found = (country.iso(2) for country in all_countries() if country.iso(3) == code)
    return next((short.lower() for short in found if short), None)


@cache
def borders() -> str:
    """Returns the borders of countries as the data of an SVG path, in degrees, north is up.

    The library lacks those of some countries; their neighbors' show where they are.
    """
    from countryinfo import all_countries

    return "".join(
        _path(ring)
        for country in all_countries()
        if country.iso(3) != _NOT_DRAWN
        for ring in _rings(country.geo_json())
    )


def _rings(shapes: Any) -> Iterator[list[tuple[float, float]]]:
    for feature in (shapes or {}).get("features", ()):
        shape = feature["geometry"]
        polygons = shape["coordinates"]
        for polygon in [polygons] if shape["type"] == "Polygon" else polygons:
            yield from polygon


def _path(ring: list[tuple[float, float]]) -> str:
    points = dict.fromkeys((round(x, _DECIMALS), round(-y, _DECIMALS)) for x, y, *_ in ring)
    return f"M{' '.join(f'{x:g},{y:g}' for x, y in points)}z" if len(points) > 2 else ""
