"""Kits are proposed and approved; interviews are invited to, led, and closed."""
