-- The trunk: domains, actors, people, posts, feeds, media, OAuth, inbox, jobs and deliveries.
-- {id}, {blob} and {without_rowid} are the only words that differ between SQLite and PostgreSQL.
-- Times are milliseconds since 1970 (…_ms), ids are made by the node (node/runtime/ids.py), JSON is text.

CREATE TABLE domains (
  id {id} PRIMARY KEY,
  handle_host TEXT NOT NULL UNIQUE,
  service_host TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  contact_email TEXT NOT NULL DEFAULT '',
  registrations TEXT NOT NULL DEFAULT 'closed',
  created_ms BIGINT NOT NULL
);
CREATE INDEX domains_service_host ON domains (service_host);

CREATE TABLE actors (
  id {id} PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT '',
  domain_id BIGINT REFERENCES domains (id),
  username TEXT NOT NULL,
  skeleton TEXT,
  service_host TEXT NOT NULL,
  handle_host TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '',
  summary_source TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',
  inbox TEXT NOT NULL,
  shared_inbox TEXT,
  outbox TEXT NOT NULL DEFAULT '',
  followers TEXT NOT NULL DEFAULT '',
  following TEXT NOT NULL DEFAULT '',
  featured TEXT NOT NULL DEFAULT '',
  fields TEXT NOT NULL DEFAULT '[]',
  emojis TEXT NOT NULL DEFAULT '[]',
  also_known_as TEXT NOT NULL DEFAULT '[]',
  moved_to TEXT,
  avatar TEXT,
  avatar_alt TEXT NOT NULL DEFAULT '',
  header TEXT,
  header_alt TEXT NOT NULL DEFAULT '',
  locked BOOLEAN NOT NULL DEFAULT FALSE,
  discoverable BOOLEAN NOT NULL DEFAULT TRUE,
  indexable BOOLEAN NOT NULL DEFAULT FALSE,
  bot BOOLEAN NOT NULL DEFAULT FALSE,
  hides_network BOOLEAN NOT NULL DEFAULT FALSE,
  insee TEXT,
  siren TEXT,
  codes_proof TEXT NOT NULL DEFAULT '',
  post_visibility TEXT NOT NULL DEFAULT 'public',
  post_language TEXT NOT NULL DEFAULT 'fr',
  post_sensitive BOOLEAN NOT NULL DEFAULT FALSE,
  state TEXT NOT NULL DEFAULT 'active',
  limited BOOLEAN NOT NULL DEFAULT FALSE,
  public_key_id TEXT,
  public_key TEXT,
  followers_count BIGINT NOT NULL DEFAULT 0,
  following_count BIGINT NOT NULL DEFAULT 0,
  posts_count BIGINT NOT NULL DEFAULT 0,
  last_post_ms BIGINT,
  published_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  fetched_ms BIGINT
);
CREATE UNIQUE INDEX actors_local_name ON actors (username, service_host) WHERE domain_id IS NOT NULL;
CREATE UNIQUE INDEX actors_local_handle ON actors (username, handle_host) WHERE domain_id IS NOT NULL;
CREATE UNIQUE INDEX actors_local_skeleton ON actors (skeleton, service_host) WHERE skeleton IS NOT NULL;
CREATE INDEX actors_handle ON actors (LOWER(username), handle_host);
CREATE INDEX actors_domain ON actors (domain_id, id) WHERE domain_id IS NOT NULL;
CREATE INDEX actors_suspended ON actors (id) WHERE domain_id IS NOT NULL AND state = 'suspended';
CREATE INDEX actors_service_host ON actors (service_host);
CREATE INDEX actors_key ON actors (public_key_id) WHERE public_key_id IS NOT NULL;
CREATE INDEX actors_insee ON actors (insee) WHERE insee IS NOT NULL;

CREATE TABLE keys (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  public TEXT NOT NULL,
  sealed {blob} NOT NULL,
  created_ms BIGINT NOT NULL,
  retired_ms BIGINT
);
CREATE UNIQUE INDEX keys_current ON keys (actor_id, kind) WHERE retired_ms IS NULL;

CREATE TABLE people (
  id {id} PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  password_hash TEXT,
  name TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'fr',
  keeper BOOLEAN NOT NULL DEFAULT FALSE,
  state TEXT NOT NULL DEFAULT 'active',
  created_ms BIGINT NOT NULL
);

CREATE TABLE memberships (
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (person_id, actor_id)
);
CREATE INDEX memberships_actor ON memberships (actor_id);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL
);

CREATE TABLE follows (
  id {id} PRIMARY KEY,
  follower_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  followee_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  state TEXT NOT NULL,
  show_boosts BOOLEAN NOT NULL DEFAULT TRUE,
  notify BOOLEAN NOT NULL DEFAULT FALSE,
  created_ms BIGINT NOT NULL,
  UNIQUE (follower_id, followee_id)
);
CREATE INDEX follows_followee ON follows (followee_id, state, id);
CREATE INDEX follows_follower ON follows (follower_id, state, id);
CREATE INDEX follows_readers ON follows (followee_id, follower_id) WHERE state = 'accepted';
CREATE INDEX follows_notify ON follows (followee_id, state, follower_id) WHERE notify;
CREATE INDEX follows_uri ON follows (uri);

CREATE TABLE blocks (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, target_id)
);
CREATE INDEX blocks_target ON blocks (target_id);
CREATE INDEX blocks_uri ON blocks (uri);

CREATE TABLE host_policies (
  host TEXT PRIMARY KEY,
  severity TEXT NOT NULL,
  reject_media BOOLEAN NOT NULL DEFAULT FALSE,
  reason TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL
);

CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  state TEXT NOT NULL DEFAULT 'up',
  failing_days INTEGER NOT NULL DEFAULT 0,
  last_failing_day INTEGER NOT NULL DEFAULT 0,
  failing_since_ms BIGINT,
  closed_until_ms BIGINT NOT NULL DEFAULT 0,
  last_success_ms BIGINT,
  software TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL
);

CREATE TABLE posts (
  id {id} PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT 'Note',
  author_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  person_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  local BOOLEAN NOT NULL,
  domain_id BIGINT,
  visibility TEXT NOT NULL,
  boost_of_id BIGINT REFERENCES posts (id) ON DELETE CASCADE,
  reply_to_id BIGINT REFERENCES posts (id) ON DELETE SET NULL,
  reply_to_uri TEXT,
  reply_to_author_id BIGINT,
  thread_id BIGINT NOT NULL,
  context TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '',
  sensitive BOOLEAN NOT NULL DEFAULT FALSE,
  language TEXT NOT NULL DEFAULT '',
  emojis TEXT NOT NULL DEFAULT '[]',
  application TEXT,
  hidden BOOLEAN NOT NULL DEFAULT FALSE,
  replies_count BIGINT NOT NULL DEFAULT 0,
  boosts_count BIGINT NOT NULL DEFAULT 0,
  favourites_count BIGINT NOT NULL DEFAULT 0,
  published_ms BIGINT NOT NULL,
  edited_ms BIGINT,
  created_ms BIGINT NOT NULL,
  fragment {blob}
);
CREATE INDEX posts_author ON posts (author_id, id);
CREATE UNIQUE INDEX posts_boost ON posts (author_id, boost_of_id) WHERE boost_of_id IS NOT NULL;
CREATE INDEX posts_boosted ON posts (boost_of_id, id) WHERE boost_of_id IS NOT NULL;
CREATE INDEX posts_replies ON posts (reply_to_id, id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX posts_awaited ON posts (reply_to_uri) WHERE reply_to_uri IS NOT NULL AND reply_to_id IS NULL;
CREATE INDEX posts_thread ON posts (thread_id, id);
CREATE INDEX posts_public ON posts (id) WHERE visibility = 'public' AND boost_of_id IS NULL AND NOT hidden;
CREATE INDEX posts_public_local ON posts (id) WHERE visibility = 'public' AND boost_of_id IS NULL AND NOT hidden AND local;
CREATE INDEX posts_public_domain ON posts (domain_id, id) WHERE visibility = 'public' AND boost_of_id IS NULL AND NOT hidden AND local;

CREATE TABLE post_edits (
  id {id} PRIMARY KEY,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  content TEXT NOT NULL,
  summary TEXT NOT NULL,
  sensitive BOOLEAN NOT NULL,
  media TEXT NOT NULL DEFAULT '[]',
  created_ms BIGINT NOT NULL
);
CREATE INDEX post_edits_post ON post_edits (post_id, id);

-- Who is named in a post; silent: addressed without being named (may read it, is not told).
CREATE TABLE post_mentions (
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  silent BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (post_id, actor_id)
) {without_rowid};
CREATE INDEX post_mentions_actor ON post_mentions (actor_id, post_id);

CREATE TABLE tags (
  id {id} PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display TEXT NOT NULL
);

CREATE TABLE post_tags (
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  PRIMARY KEY (tag_id, post_id)
) {without_rowid};
CREATE INDEX post_tags_post ON post_tags (post_id);

CREATE TABLE favourites (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, post_id)
);
CREATE INDEX favourites_post ON favourites (post_id, id);
CREATE INDEX favourites_actor ON favourites (actor_id, id);
CREATE INDEX favourites_uri ON favourites (uri);

CREATE TABLE bookmarks (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, post_id)
);
CREATE INDEX bookmarks_actor ON bookmarks (actor_id, id);
CREATE INDEX bookmarks_post ON bookmarks (post_id);

CREATE TABLE pins (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  UNIQUE (actor_id, post_id)
);
CREATE INDEX pins_post ON pins (post_id);

-- A post is one row here for each local reader; a row whose post is gone is skipped by the join.
CREATE TABLE home_feed (
  actor_id BIGINT NOT NULL,
  post_id BIGINT NOT NULL,
  PRIMARY KEY (actor_id, post_id)
) {without_rowid};

-- Posts that wait to be spread over home_feed; readers look here too.
CREATE TABLE feed_tail (
  post_id {id} PRIMARY KEY,
  author_id BIGINT NOT NULL
);

CREATE TABLE notifications (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  from_actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_id BIGINT REFERENCES posts (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL
);
CREATE INDEX notifications_actor ON notifications (actor_id, id);
CREATE UNIQUE INDEX notifications_once ON notifications (actor_id, type, from_actor_id, COALESCE(post_id, 0));
CREATE INDEX notifications_post ON notifications (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX notifications_from ON notifications (from_actor_id);

CREATE TABLE markers (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  timeline TEXT NOT NULL,
  last_read_id BIGINT NOT NULL,
  version INTEGER NOT NULL,
  updated_ms BIGINT NOT NULL,
  PRIMARY KEY (actor_id, timeline)
);

CREATE TABLE media (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  post_id BIGINT REFERENCES posts (id) ON DELETE CASCADE,
  position INTEGER NOT NULL DEFAULT 0,
  kind TEXT NOT NULL,
  mime TEXT NOT NULL DEFAULT '',
  storage_key TEXT,
  preview_key TEXT,
  remote_url TEXT,
  width INTEGER,
  height INTEGER,
  preview_width INTEGER,
  preview_height INTEGER,
  size_bytes BIGINT NOT NULL DEFAULT 0,
  blurhash TEXT,
  description TEXT NOT NULL DEFAULT '',
  focus_x REAL,
  focus_y REAL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX media_post ON media (post_id, position) WHERE post_id IS NOT NULL;
CREATE INDEX media_unused ON media (created_ms) WHERE post_id IS NULL;
CREATE INDEX media_actor ON media (actor_id);

-- Remote images that readers asked for, kept by the node so that readers' addresses stay private.
CREATE TABLE media_cache (
  url TEXT PRIMARY KEY,
  storage_key TEXT,
  mime TEXT NOT NULL DEFAULT '',
  size_bytes BIGINT NOT NULL DEFAULT 0,
  fetched_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);

CREATE TABLE oauth_apps (
  id {id} PRIMARY KEY,
  client_id TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  name TEXT NOT NULL,
  website TEXT,
  redirect_uris TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);

CREATE TABLE oauth_codes (
  code_hash TEXT PRIMARY KEY,
  app_id BIGINT NOT NULL REFERENCES oauth_apps (id) ON DELETE CASCADE,
  person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT,
  expires_ms BIGINT NOT NULL,
  used_ms BIGINT
);

CREATE TABLE oauth_tokens (
  id {id} PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  code_hash TEXT,
  app_id BIGINT NOT NULL REFERENCES oauth_apps (id) ON DELETE CASCADE,
  person_id BIGINT REFERENCES people (id) ON DELETE CASCADE,
  actor_id BIGINT REFERENCES actors (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  revoked_ms BIGINT
);
CREATE INDEX oauth_tokens_person ON oauth_tokens (person_id, actor_id);
CREATE INDEX oauth_tokens_code ON oauth_tokens (code_hash) WHERE code_hash IS NOT NULL;

CREATE TABLE idempotency (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  idempotency_key TEXT NOT NULL,
  post_id BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (actor_id, idempotency_key)
);

-- What was deleted (410) or undone; also what was deleted before it arrived.
CREATE TABLE tombstones (
  uri TEXT PRIMARY KEY,
  actor_uri TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT '',
  deleted_ms BIGINT NOT NULL
);
CREATE INDEX tombstones_deleted ON tombstones (deleted_ms);

-- Activities as they arrived, once per (verified actor, activity id).
CREATE TABLE inbox (
  id {id} PRIMARY KEY,
  actor_uri TEXT NOT NULL,
  activity_id TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT '',
  recipient_id BIGINT,
  body {blob},
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  run_at_ms BIGINT NOT NULL,
  lease_until_ms BIGINT,
  error TEXT NOT NULL DEFAULT '',
  received_ms BIGINT NOT NULL,
  UNIQUE (actor_uri, activity_id)
);
CREATE INDEX inbox_ready ON inbox (run_at_ms, id) WHERE state = 'ready';
CREATE INDEX inbox_leased ON inbox (lease_until_ms) WHERE state = 'leased';
CREATE INDEX inbox_received ON inbox (received_ms);

CREATE TABLE jobs (
  id {id} PRIMARY KEY,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,
  unique_key TEXT UNIQUE,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  run_at_ms BIGINT NOT NULL,
  lease_until_ms BIGINT,
  error TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL
);
CREATE INDEX jobs_ready ON jobs (run_at_ms, id) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (lease_until_ms) WHERE state = 'leased';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';

-- One order per outgoing activity; a job expands it to one delivery per distinct inbox.
CREATE TABLE delivery_orders (
  id {id} PRIMARY KEY,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  activity_id TEXT NOT NULL,
  body {blob} NOT NULL,
  audience TEXT NOT NULL,
  post_id BIGINT,
  state TEXT NOT NULL,
  total INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL
);
CREATE INDEX delivery_orders_new ON delivery_orders (id) WHERE state = 'new';
CREATE INDEX delivery_orders_post ON delivery_orders (post_id) WHERE post_id IS NOT NULL;

CREATE TABLE deliveries (
  id {id} PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES delivery_orders (id) ON DELETE CASCADE,
  inbox TEXT NOT NULL,
  host TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  run_at_ms BIGINT NOT NULL,
  lease_until_ms BIGINT,
  error TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL,
  UNIQUE (order_id, inbox)
);
CREATE INDEX deliveries_ready ON deliveries (run_at_ms, id) WHERE state = 'ready';
CREATE INDEX deliveries_host ON deliveries (host, run_at_ms) WHERE state = 'ready';
CREATE INDEX deliveries_leased ON deliveries (lease_until_ms) WHERE state = 'leased';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE state = 'dead';
