-- What is thought of other hosts, in the words of a list that many servers share; and waves of spam.

-- reason is for the keepers alone. list_id: the list that set the policy; nothing: a keeper of this node did.
ALTER TABLE host_policies ADD COLUMN public_comment TEXT NOT NULL DEFAULT '';
ALTER TABLE host_policies ADD COLUMN reject_reports BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE host_policies ADD COLUMN obfuscate BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE host_policies ADD COLUMN list_id BIGINT;

-- Lists of hosts that somebody else keeps, fetched once a day (node/moderation/subscriptions.py).
CREATE TABLE host_lists (
  id {id} PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  tried_ms BIGINT NOT NULL DEFAULT 0,
  fetched_ms BIGINT,
  created_ms BIGINT NOT NULL
);

-- state: applied; asked (a keeper has to say whether it holds); declined; leaving (the list has it no longer, and a
-- keeper has to say whether it goes).
CREATE TABLE host_list_entries (
  list_id BIGINT NOT NULL REFERENCES host_lists (id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  severity TEXT NOT NULL,
  reject_media BOOLEAN NOT NULL DEFAULT FALSE,
  reject_reports BOOLEAN NOT NULL DEFAULT FALSE,
  public_comment TEXT NOT NULL DEFAULT '',
  obfuscate BOOLEAN NOT NULL DEFAULT FALSE,
  state TEXT NOT NULL,
  PRIMARY KEY (list_id, host)
) {without_rowid};
CREATE INDEX host_list_entries_host ON host_list_entries (host);

-- Posts of accounts that were met lately, nobody here follows, and which name people here (node/timeline/waves.py).
CREATE TABLE spam_suspects (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  author_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  skeleton TEXT NOT NULL,
  named INTEGER NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL
);
CREATE INDEX spam_suspects_skeleton ON spam_suspects (skeleton, created_ms);
CREATE INDEX spam_suspects_author ON spam_suspects (author_id, created_ms);

-- Many posts alike. state: open (held until somebody looks), frozen (deleted, and what comes too), let_go.
CREATE TABLE spam_waves (
  id {id} PRIMARY KEY,
  skeleton TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  example TEXT NOT NULL DEFAULT '',
  posts INTEGER NOT NULL DEFAULT 0,
  report_id BIGINT,
  created_ms BIGINT NOT NULL,
  last_ms BIGINT NOT NULL
);
CREATE INDEX spam_waves_open ON spam_waves (id) WHERE state = 'open';
