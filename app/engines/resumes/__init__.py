"""A resume's pages into JSON Resume: plain rules over lines and where they stand. The same pages, the same answer."""

from app.engines.resumes.resume import VERSION, empty_resume, read_resume

__all__ = ["VERSION", "empty_resume", "read_resume"]
