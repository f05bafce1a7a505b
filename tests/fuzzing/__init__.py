"""What a stranger's bytes must never do to a reader: targets for bin/fuzz, and for Hypothesis in the suite."""
