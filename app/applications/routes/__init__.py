"""Pages of applications: the board and the list of a job, one application, what is done with several."""

from flask import Flask

from app.applications.routes import board, panel, people, requirements, wording
from app.applications.routes import bulk as several
from app.applications.routes.guards import hear_application, hear_posting


def install(flask_app: Flask) -> None:
    """Blueprints, topics of streams, what the templates ask, and what the slices below ask."""
    for part in (board, panel, requirements, several):
        flask_app.register_blueprint(part.bp)
    topics = flask_app.extensions["topics"]
    topics.register("posting", hear_posting)
    topics.register("application", hear_application)
    wording.install(flask_app)
    people.install()
