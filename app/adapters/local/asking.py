"""Asking without an account: follow-ups by the signs an answer lacks."""


class LocalAsker:
    engine = "assay-built-in/1"

    def follow_up(self, question: str, answer: str, *, shows: str, language: str) -> str | None:
        from app.engines.asking.following import follow_up

        return follow_up(question, answer, shows=shows, language=language)
