"""Every table of the product, in one import: for the mapper, which wants them all, and for the migrations."""
# ruff: noqa: F401 -- imported for what importing does

import app.applications.models
import app.audit.models
import app.candidates.models
import app.identity.models
import app.interviews.models
import app.letters.models
import app.postings.models
import app.scorecards.models
import app.workspace.models
import tenants.outbox
