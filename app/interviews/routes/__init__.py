"""Pages of interviews: kits, invitations, the candidate's own, the live page."""

from flask import Flask

from app.interviews.routes import alike, candidate, kits, live, personal, staff, status


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    for part in (kits, alike, personal, staff, candidate, status, live):
        part.install(flask_app)
