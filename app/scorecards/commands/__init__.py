"""Judgements: engines draft, people rate; the two meet only afterwards."""
