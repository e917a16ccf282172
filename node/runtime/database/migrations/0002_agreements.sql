-- Sharing agreements: one for each pair of a territory and a member, what each of the two said last, and all that
-- was ever said. Triggers in 0003 keep the history as it was written.

CREATE TABLE agreements (
  id {id} PRIMARY KEY,
  uri TEXT NOT NULL UNIQUE,
  territory_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  member_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  -- protocol: the two exchange Offer, Accept, Reject, Undo. post: a member on other software writes posts.
  medium TEXT NOT NULL,
  -- none, proposed, active, rejected, ended: derived from the two words, kept for the lists
  state TEXT NOT NULL,
  proposed_by TEXT NOT NULL DEFAULT '',
  terms TEXT NOT NULL DEFAULT '',
  terms_hash TEXT NOT NULL DEFAULT '',
  active_since_ms BIGINT,
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL,
  UNIQUE (territory_id, member_id)
);
CREATE INDEX agreements_active ON agreements (member_id) WHERE state = 'active';
CREATE INDEX agreements_active_territory ON agreements (territory_id) WHERE state = 'active';
CREATE INDEX agreements_member ON agreements (member_id, id);

-- The last word of each party. acked: up to which of its words the other party is known to have heard it.
CREATE TABLE agreement_words (
  agreement_id BIGINT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  party TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  stance TEXT NOT NULL,
  terms TEXT NOT NULL DEFAULT '',
  heard BIGINT NOT NULL DEFAULT 0,
  refused BIGINT NOT NULL DEFAULT 0,
  at_ms BIGINT NOT NULL,
  acked BIGINT NOT NULL DEFAULT 0,
  remind_ms BIGINT,
  reminders INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (agreement_id, party)
);
CREATE INDEX agreement_words_unheard ON agreement_words (remind_ms) WHERE remind_ms IS NOT NULL;

-- Every word ever heard here, each with the hash of the one before.
CREATE TABLE agreement_events (
  id {id} PRIMARY KEY,
  agreement_id BIGINT NOT NULL REFERENCES agreements (id),
  number INTEGER NOT NULL,
  party TEXT NOT NULL,
  act TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  terms TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT '',
  said_ms BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL,
  UNIQUE (agreement_id, number)
);

-- Which boosts follow from which agreements, each of which is reason enough; what a person boosts by hand is not here.
CREATE TABLE agreement_announcements (
  boost_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
  agreement_id BIGINT NOT NULL REFERENCES agreements (id) ON DELETE CASCADE,
  PRIMARY KEY (boost_id, agreement_id)
) {without_rowid};
CREATE INDEX agreement_announcements_agreement ON agreement_announcements (agreement_id, boost_id);
