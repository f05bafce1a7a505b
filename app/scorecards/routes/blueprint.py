"""The one blueprint of these pages."""

from flask import Blueprint

from app.identity import gate

bp = Blueprint("scorecards", __name__)
gate.members_only(bp)
