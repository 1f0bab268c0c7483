-- One row per elected role; the holder may act until expires_at, which is database time.
CREATE TABLE control_leader (
    name       text PRIMARY KEY,
    holder     text NOT NULL,
    term       bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
