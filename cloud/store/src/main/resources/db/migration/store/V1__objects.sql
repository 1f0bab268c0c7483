-- One row. `revision` is taken by the last statement of every commit and held to its end: commit order is revision order, without gaps.
-- `compacted`: changes up to and including this revision are gone.
CREATE TABLE counter (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision    bigint NOT NULL,
    compacted   bigint NOT NULL,
    incarnation text   NOT NULL,
    -- what the incarnation was given for: the cluster's system identifier and its timeline
    origin      text   NOT NULL
) WITH (fillfactor = 10);

INSERT INTO counter (revision, compacted, incarnation, origin) VALUES (1, 1, '', '');

-- Current state. `json` is UTF-8 with an empty metadata.resourceVersion, which `revision` fills when it is read.
CREATE TABLE object (
    resource  text   NOT NULL,
    namespace text   NOT NULL,
    name      text   NOT NULL,
    uid       text   NOT NULL,
    revision  bigint NOT NULL,
    node      text   NOT NULL,
    json      bytea  NOT NULL,
    PRIMARY KEY (resource, namespace, name)
);

-- Append-only; compacted by dropping partitions. `before`: labels and selectable fields of the state before; NULL for a creation, empty when they
-- are the same as after. `op`: C, U, D. The json of a deletion is the last state.
CREATE TABLE change (
    revision  bigint      NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    op        text        NOT NULL,
    resource  text        NOT NULL,
    namespace text        NOT NULL,
    name      text        NOT NULL,
    uid       text        NOT NULL,
    node      text        NOT NULL,
    json      bytea       NOT NULL,
    before    text,
    PRIMARY KEY (revision)
) PARTITION BY RANGE (revision);

-- Heartbeats and session epochs: never revisions.
CREATE TABLE node_session (
    node  text PRIMARY KEY,
    at    timestamptz NOT NULL,
    epoch bigint      NOT NULL,
    hub   text        NOT NULL
) WITH (fillfactor = 50);
