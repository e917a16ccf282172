-- Applications that moderate name what holds for a host by a number; it stays when the decision is taken anew. What stood
-- before gets the first numbers, all before those of today.
ALTER TABLE host_policies ADD COLUMN id BIGINT NOT NULL DEFAULT 0;
UPDATE host_policies SET id = 1 + (SELECT COUNT(*) FROM host_policies o WHERE o.host < host_policies.host);
CREATE INDEX host_policies_id ON host_policies (id);
