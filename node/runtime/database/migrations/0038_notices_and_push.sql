-- Notices that are put aside, by whose rule; groups of notices; Web Push; emojis under announcements.
ALTER TABLE notifications ADD COLUMN filtered BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether a notice is the newest of its group (node/notifications/groups.py) is asked of these.
DROP INDEX notifications_post;
CREATE INDEX notifications_post ON notifications (post_id, type, id) WHERE post_id IS NOT NULL;
CREATE INDEX notifications_follows ON notifications (actor_id, id) WHERE type = 'follow';
CREATE INDEX notifications_filtered ON notifications (actor_id, from_actor_id) WHERE filtered;

-- Who has none has the defaults of node/notifications/policies.py. Each word: accept, filter, drop.
CREATE TABLE notification_policies (
  actor_id BIGINT PRIMARY KEY REFERENCES actors (id) ON DELETE CASCADE,
  not_following TEXT NOT NULL,
  not_followers TEXT NOT NULL,
  new_accounts TEXT NOT NULL,
  private_mentions TEXT NOT NULL,
  limited_accounts TEXT NOT NULL
);

-- Whose notices an actor accepted, whatever its policy says.
CREATE TABLE notification_permissions (
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  from_actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (actor_id, from_actor_id)
) {without_rowid};
CREATE INDEX notification_permissions_from ON notification_permissions (from_actor_id);

-- The key by which push services know a domain (RFC 8292); the private half is sealed by the keyring.
CREATE TABLE vapid_keys (
  domain_id BIGINT PRIMARY KEY REFERENCES domains (id) ON DELETE CASCADE,
  public TEXT NOT NULL,
  sealed {blob} NOT NULL,
  created_ms BIGINT NOT NULL
);

-- Where an application wants to be told, one for each token. The token itself, sealed, is part of what it is told.
CREATE TABLE push_subscriptions (
  id {id} PRIMARY KEY,
  token_id BIGINT NOT NULL UNIQUE REFERENCES oauth_tokens (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  endpoint TEXT NOT NULL,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  standard BOOLEAN NOT NULL,
  alerts TEXT NOT NULL,
  policy TEXT NOT NULL,
  sealed_token {blob} NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_actor ON push_subscriptions (actor_id);

CREATE TABLE announcement_reactions (
  id {id} PRIMARY KEY,
  announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
  actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  UNIQUE (announcement_id, actor_id, name)
);
CREATE INDEX announcement_reactions_actor ON announcement_reactions (actor_id);
