"""Makes resumes that nobody wrote, to try rules on and to train from. Nothing of it runs in the product."""
