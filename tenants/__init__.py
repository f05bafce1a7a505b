"""Mechanism only: which tenant, which schema, which session. No page, no business word."""
