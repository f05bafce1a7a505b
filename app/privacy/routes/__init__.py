"""Pages of what the law asks for: erasures with their receipts, and the log of what engines made."""

from flask import Flask

from app.privacy.routes import erasures, outputs


def install(flask_app: Flask) -> None:
    """The blueprints, and topics of streams."""
    for part in (erasures, outputs):
        flask_app.register_blueprint(part.bp)
    flask_app.extensions["topics"].register("erasure", erasures.may_hear)
