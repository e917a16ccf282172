-- Numbers that those who keep the node choose while it runs (node/runtime/choices.py).
CREATE TABLE choices (
  name TEXT PRIMARY KEY,
  number BIGINT NOT NULL
);

-- What the law wants everybody to read of who publishes a site (LCEN, article 1-1); empty: not said yet.
CREATE TABLE legal_notices (
  domain_id BIGINT PRIMARY KEY REFERENCES domains (id),
  publisher TEXT NOT NULL DEFAULT '',
  siren TEXT NOT NULL DEFAULT '',
  director TEXT NOT NULL DEFAULT '',
  host TEXT NOT NULL DEFAULT '',
  dpo TEXT NOT NULL DEFAULT ''
);
