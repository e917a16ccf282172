-- Duties of people, their second factors, and the log of who did what.

ALTER TABLE people ADD COLUMN moderator BOOLEAN NOT NULL DEFAULT FALSE;

-- factor_ms: when this session last proved a second factor; challenge: what a security key is asked to sign.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN factor_ms BIGINT;
ALTER TABLE sessions ADD COLUMN challenge TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN seen_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sessions_person ON sessions (person_id);

-- kind 'totp': sealed is the secret, last_step the last time step whose code was taken; kind 'key': a WebAuthn credential
-- of the service host.
CREATE TABLE factors (
  id {id} PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  confirmed BOOLEAN NOT NULL DEFAULT FALSE,
  sealed {blob},
  last_step BIGINT NOT NULL DEFAULT 0,
  host TEXT NOT NULL DEFAULT '',
  credential TEXT UNIQUE,
  public_key {blob},
  sign_count BIGINT NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL,
  used_ms BIGINT
);
CREATE INDEX factors_person ON factors (person_id);

CREATE TABLE recovery_codes (
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  used_ms BIGINT,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (person_id, digest)
);

-- A log-in between its password and its second factor.
CREATE TABLE log_ins (
  token_hash TEXT PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  challenge TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0,
  expires_ms BIGINT NOT NULL
);

-- No foreign keys: an entry outlives the person, the actor and the post that it is about.
CREATE TABLE audit (
  id {id} PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  person_id BIGINT,
  name TEXT NOT NULL,
  via TEXT NOT NULL,
  act TEXT NOT NULL,
  about TEXT NOT NULL DEFAULT '',
  actor_id BIGINT,
  details TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_actor ON audit (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_person ON audit (person_id, id) WHERE person_id IS NOT NULL;

CREATE TABLE audit_seals (
  number {id} PRIMARY KEY,
  entry_id BIGINT NOT NULL UNIQUE,
  digest TEXT NOT NULL
);
