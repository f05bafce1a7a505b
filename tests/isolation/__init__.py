"""Company against company: the rows S-01 to S-12 of the requirements that need more than one test's worth of room."""
