"""Pages of insights."""

from flask import Flask


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
