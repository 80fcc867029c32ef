"""Facts about countries, from the countryinfo library: their capitals, borders, and short codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

__all__ = ["borders", "capital_coordinates", "two_letter_code"]

# In tenths of a degree, a map as wide as a screen shows no difference.
_DECIMALS = 1
_NOT_DRAWN = "ATA"


@cache
def capital_coordinates() -> dict[str, tuple[float, float]]:
    """Returns latitude and longitude of the capitals, by the countries' codes."""
    from countryinfo import all_countries

    # Parts of a country may have its code; the whole one has the most people.
    known = sorted(all_countries(), key=lambda country: country.population() or 0)
    return {
        code: (found[0], found[1])
        for country in known
        if (code := country.iso(3)) and (found := country.capital_latlng())
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
