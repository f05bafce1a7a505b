"""The careers site: what is open, for everybody to read."""

import uuid
from typing import Any

from flask import Blueprint

from app.postings import access, queries
from app.postings.routes.wording import as_page, structured_data
from app.web.pages import page
from app.workspace.queries import workspace
from tenants.site import site_url

bp = Blueprint("careers", __name__, url_prefix="/careers")


@bp.get("")
def index() -> Any:
    return page("careers/index.html", postings=queries.published_postings())


@bp.get("/<uuid:posting_id>")
def show(posting_id: uuid.UUID) -> Any:
    posting, company = access.published_posting(posting_id), workspace()
    text = as_page(posting.text)
    return page(
        "careers/show.html", posting=posting, text=text, stages=queries.stages_of(posting_id), company=company,
        structured=structured_data(posting, text, company=company.name, site=site_url()),
    )  # fmt: skip
