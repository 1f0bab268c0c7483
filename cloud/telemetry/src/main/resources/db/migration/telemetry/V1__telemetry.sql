-- The dictionary: one row per line of numbers.
CREATE TABLE telemetry_series (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace text NOT NULL,
    source    text NOT NULL,
    key       text NOT NULL,
    field     text NOT NULL,
    node      text NOT NULL,
    UNIQUE (namespace, source, key, field, node)
);
CREATE INDEX telemetry_series_node ON telemetry_series (node);

-- What one batch brought, all series in one row: the hot form. `series` says which are inside; times are those of the points (see Raw.at).
CREATE TABLE telemetry_block (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stored   timestamptz NOT NULL DEFAULT clock_timestamp(),
    first_at bigint   NOT NULL,
    last_at  bigint   NOT NULL,
    series   bigint[] NOT NULL,
    data     bytea    NOT NULL
);

-- The settled form: one series, one span of time (`bucket`), in parts of bounded size, of which only the last is ever rewritten.
CREATE TABLE telemetry_chunk (
    series   bigint  NOT NULL,
    bucket   bigint  NOT NULL,
    part     integer NOT NULL,
    points   integer NOT NULL,
    first_at bigint  NOT NULL,
    last_at  bigint  NOT NULL,
    data     bytea   NOT NULL,
    PRIMARY KEY (series, bucket, part)
);
CREATE INDEX telemetry_chunk_last ON telemetry_chunk (last_at);

-- What is compressed already need not be compressed again.
ALTER TABLE telemetry_block ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE telemetry_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- How far each upload lane is stored; moved in the transaction of the points, which is what makes them come exactly once.
CREATE TABLE telemetry_lane (
    node          text   NOT NULL,
    lane          text   NOT NULL,
    epoch         bigint NOT NULL,
    next_sequence bigint NOT NULL,
    PRIMARY KEY (node, lane)
) WITH (fillfactor = 50);

-- Records set aside, the latest of them; and how many there were.
CREATE TABLE telemetry_refused (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    node     text   NOT NULL,
    lane     text   NOT NULL,
    epoch    bigint NOT NULL,
    sequence bigint NOT NULL,
    reason   text   NOT NULL,
    record   text   NOT NULL
);
CREATE TABLE telemetry_refusals (
    node   text   NOT NULL,
    reason text   NOT NULL,
    count  bigint NOT NULL,
    PRIMARY KEY (node, reason)
);
