"""JSON Resume 1.2.1, as far as we write it, and what it forgets to forbid: months that are none."""

from functools import cache
from typing import Any

SCHEMA_URL = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_DATE = {"type": "string", "pattern": r"^(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?$"}
_URL = {"type": "string", "pattern": r"^https?://\S+$"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _list(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": _object(**properties)}


@cache
def schema() -> dict[str, Any]:
    place = _object(
        address=_TEXT,
        postalCode=_TEXT,
        city=_TEXT,
        countryCode={"type": "string", "pattern": "^[A-Z]{2}$"},
        region=_TEXT,
    )
    profiles = _list(network=_TEXT, username={"type": "string"}, url=_URL)
    email = {"type": "string", "pattern": r"^\S+@\S+\.\S+$"}
    flag = _object(code=_TEXT, page={"type": ["integer", "null"], "minimum": 1}, text={"type": "string"})
    number = {"type": "number"}
    spot = _object(
        path=_TEXT,
        page={"type": "integer", "minimum": 1},
        box={"type": "array", "items": number, "minItems": 4, "maxItems": 4},
        span={"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
        confidence={"type": "number", "minimum": 0, "maximum": 1},
        by={"const": "model"},
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "required": ["basics", "work", "education", "skills", "languages", "certificates", "meta"],
        "properties": {
            "$schema": {"type": "string"},
            "basics": _object(
                name=_TEXT,
                label=_TEXT,
                email=email,
                phone=_TEXT,
                url=_URL,
                summary=_TEXT,
                location=place,
                profiles=profiles,
            ),
            "work": _list(
                name=_TEXT, position=_TEXT, location=_TEXT, startDate=_DATE, endDate=_DATE, highlights=_TEXTS
            ),
            "education": _list(institution=_TEXT, studyType=_TEXT, area=_TEXT, startDate=_DATE, endDate=_DATE),
            "skills": _list(name=_TEXT, keywords=_TEXTS),
            "languages": _list(language=_TEXT, fluency=_TEXT),
            "certificates": _list(name=_TEXT, date=_DATE),
            "meta": {
                "type": "object",
                "required": ["version", "years_experience", "found", "flags"],
                "properties": {
                    "version": _TEXT,
                    "source": {"type": "string"},
                    "years_experience": {"type": ["number", "null"], "minimum": 0},
                    "found": {"type": "array", "items": spot},
                    "flags": {"type": "array", "items": flag},
                    "error": _object(code=_TEXT, message=_TEXT),
                },
            },
        },
    }


def faults(resume: dict[str, Any]) -> list[str]:
    """What the schema has against this document, as sentences; nothing when it is valid."""
    from jsonschema import Draft7Validator

    found = Draft7Validator(schema()).iter_errors(resume)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]
