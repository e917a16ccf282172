-- Approvals that authors elsewhere gave to answers and boosts of ours which had to wait (node/timeline/approvals.py).
CREATE TABLE approvals (
  post_id {id} PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
