"""What to ask: the kit for a job, and the follow-up for an answer."""
