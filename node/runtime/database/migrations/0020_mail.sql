-- Letters that are to be sent. What they say is sealed by the keyring: they may hold a token that opens an account.
CREATE TABLE letters (
  id {id} PRIMARY KEY,
  sealed {blob} NOT NULL,
  until_ms BIGINT,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  run_at_ms BIGINT NOT NULL,
  lease_until_ms BIGINT,
  holder INTEGER,
  error TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL
);
CREATE INDEX letters_ready ON letters (run_at_ms, id) WHERE state = 'ready';
CREATE INDEX letters_leased ON letters (lease_until_ms) WHERE state = 'leased';
CREATE INDEX letters_dead ON letters (id) WHERE state = 'dead';
