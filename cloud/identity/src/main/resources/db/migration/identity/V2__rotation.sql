-- More than one CA while trust moves to the next one. Of those that are not retired the oldest issues the centre's own certificates, so that whoever knows only that
-- one still trusts the centre; the newest issues those of nodes and administrators. A retired one keeps its certificate, to be named, and loses its key.
ALTER TABLE certificate_authority DROP CONSTRAINT certificate_authority_id_check;
ALTER TABLE certificate_authority ADD COLUMN retired_at timestamptz;

-- The newest CA that the node has said it trusts, and which machine got its present generation, in words.
ALTER TABLE node_identity ADD COLUMN trusted_ca smallint NOT NULL DEFAULT 1;
ALTER TABLE node_identity ADD COLUMN held_by text NOT NULL DEFAULT '';
