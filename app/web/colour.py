"""Colour arithmetic: OKLCH for choosing, hex for every phone's browser, contrast as WCAG counts it."""

import math
from bisect import bisect_left
from itertools import pairwise

Rgb = tuple[float, float, float]
# sRGB: below these its curve is a straight line.
_STRAIGHT, _STRAIGHT_LINEAR = 0.04045, 0.0031308
_TOLERANCE = 0.0005
_STEPS = 400


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _STRAIGHT else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= _STRAIGHT_LINEAR else 1.055 * channel ** (1 / 2.4) - 0.055


def _linear_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _inside(rgb: Rgb) -> bool:
    return all(-_TOLERANCE <= channel <= 1 + _TOLERANCE for channel in rgb)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Hex; the chroma is lowered until the colour lies inside sRGB."""
    while chroma > 0 and not _inside(_linear_rgb(lightness, chroma, hue)):
        chroma -= 0.002
    rgb = _linear_rgb(lightness, max(chroma, 0), hue)
    return "#" + "".join(f"{round(255 * _gamma(min(1, max(0, channel)))):02x}" for channel in rgb)


def _channels(colour: str) -> Rgb:
    digits = colour.lstrip("#")
    red, green, blue = (_linear(int(digits[a:b], 16) / 255) for a, b in pairwise((0, 2, 4, 6)))
    return red, green, blue


def to_oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = _channels(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def reaching(target: float, against: str, chroma: float, hue: float, *, lighter: bool) -> str:
    """The colour of this hue, as near to `against` as `target` contrast allows."""

    def enough(step: int) -> bool:
        colour = from_oklch((step if lighter else _STEPS - step) / _STEPS, chroma, hue)
        farther = (luminance(colour) > luminance(against)) == lighter
        return farther and contrast(colour, against) >= target

    # Contrast only grows on the way, so that the first step that is enough can be found by halving.
    step = bisect_left(range(_STEPS + 1), True, key=enough)
    if step > _STEPS:
        raise ValueError(f"no lightness reaches {target} on {against}")
    return from_oklch((step if lighter else _STEPS - step) / _STEPS, chroma, hue)
