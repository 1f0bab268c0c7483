-- One row: the CA. Its key is as safe as the database and its backups are (CertificateAuthority says more).
CREATE TABLE certificate_authority (
    id          smallint PRIMARY KEY CHECK (id = 1),
    certificate bytea       NOT NULL,
    private_key bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- One row for each node that enrolled. It is valid while the Node object with this uid exists.
CREATE TABLE node_identity (
    node       text PRIMARY KEY,
    uid        text        NOT NULL,
    key_hash   bytea       NOT NULL,
    generation bigint      NOT NULL,
    state      text        NOT NULL CHECK (state IN ('active', 'revoked')),
    changed_at timestamptz NOT NULL DEFAULT now()
);
