"""One thin file per slice: load, call the verb. Importing this package fills the table of tasks."""

from jobs.tasks import applications, audit, candidates, interviews, letters, postings, privacy, scorecards  # noqa: F401
