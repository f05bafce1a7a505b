"""Every table of the product, in one import: for the mapper, which wants them all, and for the migrations."""

from app.applications import models as applications
from app.audit import models as audit
from app.billing import models as billing
from app.candidates import models as candidates
from app.identity import models as identity
from app.interviews import models as interviews
from app.letters import models as letters
from app.postings import models as postings
from app.privacy import models as privacy
from app.scorecards import models as scorecards
from app.workspace import models as workspace
from tenants import outbox

__all__ = [
    "applications", "audit", "billing", "candidates", "identity", "interviews", "letters", "outbox", "postings",
    "privacy", "scorecards", "workspace",
]  # fmt: skip
