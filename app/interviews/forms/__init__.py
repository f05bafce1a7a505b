"""What is typed on pages of interviews, checked."""
