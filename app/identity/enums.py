"""Roles of members. What each may do is asked in the slices' access.py."""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    RECRUITER = "recruiter"
    HIRING_MANAGER = "hiring_manager"
    INTERVIEWER = "interviewer"


HIRING_STAFF = frozenset({Role.ADMIN, Role.RECRUITER})
