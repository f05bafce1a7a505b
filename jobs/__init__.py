"""Background work, and nothing else: openings that people apply for are `app.postings`. RQ is known here alone."""
