"""French and English: sentences, dates, the language of a reader."""
