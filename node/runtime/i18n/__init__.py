"""French and English: sentences, dates, the language of a reader."""

from node.runtime.i18n.sentences import Sentence, sentence
from node.runtime.i18n.translation import DEFAULT, Language, Translator, negotiate, translator

__all__ = ["DEFAULT", "Language", "Sentence", "Translator", "negotiate", "sentence", "translator"]
