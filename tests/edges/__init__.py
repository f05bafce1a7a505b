"""The web's edges: what strangers send, and what a browser makes of what we answer (S-39 to S-80)."""
