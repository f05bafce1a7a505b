"""The skills we know by name, over many professions, and where a text names them."""

from app.engines.vocabulary.skills import Mention, Name, Skill, SkillVocabulary, skills

__all__ = ["Mention", "Name", "Skill", "SkillVocabulary", "skills"]
