-- What a link in a letter opens: a new password, another address. Of a token only its hash is kept, here and below.
CREATE TABLE mailed_links (
  token_hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  email TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL
);
CREATE INDEX mailed_links_person ON mailed_links (person_id);

-- Invitations: to make an account at a domain, or (with an actor) to speak for one.
CREATE TABLE invitations (
  id {id} PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
  actor_id BIGINT REFERENCES actors (id) ON DELETE CASCADE,
  role TEXT,
  email TEXT,
  made_by_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  uses INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  withdrawn_ms BIGINT
);
CREATE INDEX invitations_actor ON invitations (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX invitations_domain ON invitations (domain_id, id);

CREATE TABLE invitation_uses (
  invitation_id BIGINT NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  used_ms BIGINT NOT NULL,
  PRIMARY KEY (invitation_id, person_id)
) {without_rowid};
CREATE INDEX invitation_uses_person ON invitation_uses (person_id);

-- Who asked for an account and has none yet: neither a person nor an actor until all who must agree have agreed.
CREATE TABLE sign_ups (
  id {id} PRIMARY KEY,
  domain_id BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  token_hash TEXT UNIQUE,
  email TEXT NOT NULL,
  username TEXT NOT NULL,
  skeleton TEXT,
  password_hash TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  reason TEXT NOT NULL,
  parent_email TEXT NOT NULL DEFAULT '',
  parent_ms BIGINT,
  held BOOLEAN NOT NULL DEFAULT FALSE,
  invitation_id BIGINT REFERENCES invitations (id) ON DELETE SET NULL,
  client {blob} NOT NULL,
  created_ms BIGINT NOT NULL,
  confirmed_ms BIGINT,
  expires_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_ups_name ON sign_ups (domain_id, skeleton) WHERE state = 'waiting' AND skeleton IS NOT NULL;
CREATE INDEX sign_ups_waiting ON sign_ups (domain_id, id) WHERE state = 'waiting';
CREATE INDEX sign_ups_expires ON sign_ups (expires_ms);
CREATE INDEX sign_ups_email ON sign_ups (email);

-- A token that an application got with a sign-up: worth nothing until the account is there.
ALTER TABLE oauth_tokens ADD COLUMN sign_up_id BIGINT REFERENCES sign_ups (id) ON DELETE CASCADE;
CREATE INDEX oauth_tokens_sign_up ON oauth_tokens (sign_up_id) WHERE sign_up_id IS NOT NULL;

-- Loi 78-17, art. 45: under fifteen, a parent agrees too.
CREATE TABLE parental_consents (
  person_id {id} PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
  parent_email TEXT NOT NULL,
  agreed_ms BIGINT NOT NULL
);

-- Décret 2021-1362, art. 5: from where an account was made, sealed, for one year.
CREATE TABLE connection_traces (
  id {id} PRIMARY KEY,
  person_id BIGINT NOT NULL,
  act TEXT NOT NULL,
  sealed {blob} NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX connection_traces_at ON connection_traces (at_ms);
CREATE INDEX connection_traces_person ON connection_traces (person_id);

CREATE TABLE sign_up_rules (
  id {id} PRIMARY KEY,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  act TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL,
  UNIQUE (kind, value)
);
