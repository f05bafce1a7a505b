"""What these tests seal, and by what."""

KEYS = [b"k" * 32]
WORDS = b"I led the night shift for nine years"


def code(refused):
    return refused.value.code
