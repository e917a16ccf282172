-- Numbers that those who keep the node choose while it runs (node/runtime/choices.py).
CREATE TABLE choices (
  name TEXT PRIMARY KEY,
  number BIGINT NOT NULL
);
