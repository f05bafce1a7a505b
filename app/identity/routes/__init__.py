"""Pages of identity: coming in and going out, and who is a member."""

from flask import Flask

from app.identity.routes import coming_in, members


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    for blueprint in (coming_in.bp, coming_in.account, members.bp):
        flask_app.register_blueprint(blueprint)
