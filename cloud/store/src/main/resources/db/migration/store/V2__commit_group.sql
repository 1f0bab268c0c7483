-- The content of an object lies once, in the change of its revision: `json` of an object is NULL until that change's partition is to be dropped, and
-- compaction fills it in before. So an object's row is small, and an update of it stays in its page.
ALTER TABLE object ALTER COLUMN json DROP NOT NULL;
ALTER TABLE object SET (fillfactor = 70);

-- One group of writes: judged, numbered and written, in one round trip with its commit. Every write of `object` happens under the counter's row, which is
-- taken first and held to the end of the transaction: so commit order is revision order, nothing judged here changes before the commit, and writers of
-- several processes wait for each other but never in a circle. The lock on `change` comes before, as for the one who drops its partitions.
--
-- ops: C create, U update, D delete, V verify. Answers one row for each write: its revision, or what is there where its precondition does not hold; both are
-- NULL for what was only verified, and where nothing is there.
--
-- The plans must not depend on how large the tables were when the first group came.
CREATE OR REPLACE FUNCTION commit_group(
    wanted text, writer text, ops text[], resources text[], namespaces text[], names text[], uids text[], expected bigint[], nodes text[],
    bodies bytea[], befores text[])
    RETURNS TABLE (place bigint, holds boolean, revision bigint, uid text, actual bigint, content bytea)
    LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    base bigint := 0;
BEGIN
    IF NOT ops <@ ARRAY['V'] THEN
        LOCK TABLE ONLY change IN ROW EXCLUSIVE MODE;
        SELECT c.revision INTO base FROM counter c WHERE c.incarnation = wanted FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the database is another incarnation than the one that was read' USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    RETURN QUERY
    WITH w AS MATERIALIZED (
        SELECT t.*, o.uid AS had_uid, o.revision AS had,
            CASE t.op WHEN 'C' THEN o.revision IS NULL ELSE coalesce(o.revision = t.expected, false) END AS holds
        FROM unnest(ops, resources, namespaces, names, uids, expected, nodes, befores)
            WITH ORDINALITY AS t (op, resource, namespace, name, uid, expected, node, before, place)
        LEFT JOIN object o ON o.resource = t.resource AND o.namespace = t.namespace AND o.name = t.name),
    n AS MATERIALIZED (
        SELECT w.*, base + row_number() OVER (ORDER BY w.place) AS revision FROM w WHERE w.holds AND w.op <> 'V'),
    c AS (UPDATE counter SET revision = base + (SELECT count(*) FROM n) WHERE EXISTS (SELECT FROM n)
        RETURNING pg_notify('selvage_change', counter.revision || ' ' || writer)),
    i AS (INSERT INTO object (resource, namespace, name, uid, revision, node)
        SELECT n.resource, n.namespace, n.name, n.uid, n.revision, n.node FROM n WHERE n.op = 'C'),
    u AS (UPDATE object o SET revision = n.revision, node = n.node, json = NULL FROM n
        WHERE n.op = 'U' AND o.resource = n.resource AND o.namespace = n.namespace AND o.name = n.name),
    d AS (DELETE FROM object o USING n
        WHERE n.op = 'D' AND o.resource = n.resource AND o.namespace = n.namespace AND o.name = n.name),
    l AS (INSERT INTO change (revision, op, resource, namespace, name, uid, node, json, before)
        SELECT n.revision, n.op, n.resource, n.namespace, n.name, n.uid, n.node, bodies[n.place], n.before FROM n)
    SELECT w.place, w.holds, n.revision,
        CASE WHEN NOT w.holds THEN w.had_uid END,
        CASE WHEN NOT w.holds THEN w.had END,
        CASE WHEN NOT w.holds THEN (
            SELECT coalesce(o.json, (SELECT h.json FROM change h WHERE h.revision = o.revision)) FROM object o
            WHERE o.resource = w.resource AND o.namespace = w.namespace AND o.name = w.name) END
    FROM w LEFT JOIN n ON n.place = w.place;
END $$;
