"""The Flask object, for servers and for the `flask` words."""

from app import create_app
from app.settings import Settings

flask_app = create_app(Settings())
