-- Case files, decisions with their reasons, appeals. Who told may have no account; a notice may speak of a decision.

-- frozen: logs in and reads, publishes nothing. limited and state are what the standing decisions and hosts' policies say.
ALTER TABLE actors ADD COLUMN frozen BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE notifications ADD COLUMN decision_id BIGINT;
DROP INDEX notifications_once;
CREATE UNIQUE INDEX notifications_once ON notifications (actor_id, type, from_actor_id, COALESCE(post_id, 0), COALESCE(decision_id, 0));

-- What is told of one account, until it is decided; people say year-place.
CREATE TABLE cases (
  id {id} PRIMARY KEY,
  year BIGINT NOT NULL,
  place BIGINT NOT NULL,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  assigned_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  state TEXT NOT NULL DEFAULT 'open',
  created_ms BIGINT NOT NULL,
  closed_ms BIGINT,
  UNIQUE (year, place)
);
CREATE UNIQUE INDEX cases_open ON cases (target_id) WHERE state = 'open';
CREATE INDEX cases_waiting ON cases (id) WHERE state = 'open';
CREATE INDEX cases_target ON cases (target_id, id);
CREATE INDEX cases_assigned ON cases (assigned_id) WHERE assigned_id IS NOT NULL;

INSERT INTO cases (id, year, place, target_id, state, created_ms, closed_ms)
SELECT first, year, ROW_NUMBER() OVER (PARTITION BY year ORDER BY first), target_id,
  CASE WHEN waiting > 0 THEN 'open' ELSE 'closed' END, created_ms, CASE WHEN waiting > 0 THEN NULL ELSE closed_ms END
FROM (
  SELECT MIN(id) AS first, 1970 + MIN(created_ms) / 31556952000 AS year, target_id,
    SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END) AS waiting, MIN(created_ms) AS created_ms, MAX(closed_ms) AS closed_ms
  FROM reports GROUP BY target_id
) AS told;

-- What happened to a case, only ever added to. No foreign key to people: it outlives them.
CREATE TABLE case_events (
  id {id} PRIMARY KEY,
  case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  person_id BIGINT,
  name TEXT NOT NULL DEFAULT '',
  words TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL
);
CREATE INDEX case_events_case ON case_events (case_id, id);

-- state: standing, ended (its time came), lifted (taken back), reversed (on appeal).
CREATE TABLE decisions (
  id {id} PRIMARY KEY,
  case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  ground TEXT NOT NULL,
  ground_words TEXT NOT NULL DEFAULT '',
  facts TEXT NOT NULL DEFAULT '',
  found TEXT NOT NULL,
  automated BOOLEAN NOT NULL DEFAULT FALSE,
  decided_by_id BIGINT,
  decided_by_name TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'standing',
  ends_ms BIGINT,
  ended_ms BIGINT,
  created_ms BIGINT NOT NULL
);
CREATE INDEX decisions_case ON decisions (case_id, id);
CREATE INDEX decisions_target ON decisions (target_id, id);
CREATE INDEX decisions_created ON decisions (created_ms);

-- What a decision was about, as it was: the post may be gone. before: whether the post was so already.
CREATE TABLE decided_posts (
  decision_id BIGINT NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
  post_id BIGINT NOT NULL,
  uri TEXT NOT NULL,
  content TEXT NOT NULL DEFAULT '',
  before BOOLEAN NOT NULL DEFAULT FALSE,
  published_ms BIGINT NOT NULL,
  PRIMARY KEY (decision_id, post_id)
) {without_rowid};
CREATE INDEX decided_posts_post ON decided_posts (post_id);

CREATE TABLE reports_told (
  id {id} PRIMARY KEY,
  case_id BIGINT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  uri TEXT NOT NULL,
  reporter_id BIGINT REFERENCES actors (id) ON DELETE CASCADE,
  reporter_host TEXT NOT NULL,
  person_id BIGINT REFERENCES people (id) ON DELETE SET NULL,
  reporter_name TEXT NOT NULL DEFAULT '',
  reporter_email TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  target_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
  posts TEXT NOT NULL DEFAULT '[]',
  comment TEXT NOT NULL DEFAULT '',
  category TEXT NOT NULL DEFAULT 'other',
  ground TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open',
  decision_id BIGINT REFERENCES decisions (id) ON DELETE SET NULL,
  forwarded BOOLEAN NOT NULL DEFAULT FALSE,
  repeats INTEGER NOT NULL DEFAULT 0,
  token_hash TEXT UNIQUE,
  token_sealed {blob},
  created_ms BIGINT NOT NULL,
  closed_ms BIGINT
);
INSERT INTO reports_told (id, case_id, source, uri, reporter_id, reporter_host, target_id, posts, comment, category, state,
  forwarded, repeats, created_ms, closed_ms)
SELECT r.id, c.id, CASE WHEN a.domain_id IS NULL THEN 'server' ELSE 'account' END, r.uri, r.reporter_id, r.reporter_host,
  r.target_id, r.posts, r.comment, r.category, r.state, r.forwarded, r.repeats, r.created_ms, r.closed_ms
FROM reports r JOIN cases c ON c.target_id = r.target_id JOIN actors a ON a.id = r.reporter_id;
DROP TABLE reports;
ALTER TABLE reports_told RENAME TO reports;
CREATE INDEX reports_case ON reports (case_id, id);
CREATE INDEX reports_open ON reports (id) WHERE state = 'open';
CREATE INDEX reports_target ON reports (target_id, id);
CREATE INDEX reports_host ON reports (reporter_host, created_ms);
CREATE INDEX reports_reporter ON reports (reporter_id);
CREATE INDEX reports_person ON reports (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX reports_decision ON reports (decision_id) WHERE decision_id IS NOT NULL;
CREATE INDEX reports_created ON reports (created_ms);

-- report_id: whose dismissal somebody does not accept; NULL: the author of what was decided about.
CREATE TABLE appeals (
  id {id} PRIMARY KEY,
  decision_id BIGINT NOT NULL REFERENCES decisions (id) ON DELETE CASCADE,
  report_id BIGINT REFERENCES reports (id) ON DELETE CASCADE,
  person_id BIGINT,
  words TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  judged_by_id BIGINT,
  judged_by_name TEXT NOT NULL DEFAULT '',
  reasons TEXT NOT NULL DEFAULT '',
  created_ms BIGINT NOT NULL,
  judged_ms BIGINT
);
CREATE UNIQUE INDEX appeals_once ON appeals (decision_id, COALESCE(report_id, 0));
CREATE INDEX appeals_report ON appeals (report_id) WHERE report_id IS NOT NULL;
CREATE INDEX appeals_waiting ON appeals (id) WHERE state = 'pending';
