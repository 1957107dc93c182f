/** Of the locks that everybody takes in turn: "ostiary" in the keys of a telephone. */
const locks = 6784279;
export const lockOf = { migrating: `${locks}, 1`, log: `${locks}, 2` };

/**
 * Forward only: entry n takes the schema from version n to n + 1. Statements of one need are one function each, so that
 * they are one round trip and one transaction.
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE ostiary.audit (sequence bigint PRIMARY KEY, body text NOT NULL, hash text NOT NULL);
CREATE TABLE ostiary.audit_cut (through bigint NOT NULL);
CREATE FUNCTION ostiary.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.sequence <= (SELECT coalesce(max(through), 0) FROM ostiary.audit_cut) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ostiary.audit FOR EACH ROW EXECUTE FUNCTION ostiary.refuse_change();
CREATE FUNCTION ostiary.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ostiary.audit EXECUTE FUNCTION ostiary.refuse_truncate();

CREATE TABLE ostiary.open_write
  (place bigint GENERATED ALWAYS AS IDENTITY, request text PRIMARY KEY, body text NOT NULL, until bigint NOT NULL);
CREATE TABLE ostiary.claim
  (id text PRIMARY KEY, fingerprint text NOT NULL, request text NOT NULL, until bigint NOT NULL, answer text, expires bigint NOT NULL);
CREATE INDEX claim_expires ON ostiary.claim (expires);
CREATE TABLE ostiary.confirmation
  (place bigint GENERATED ALWAYS AS IDENTITY, id text PRIMARY KEY, tenant text NOT NULL, body text NOT NULL,
   expires bigint NOT NULL, used boolean NOT NULL DEFAULT false);
CREATE INDEX confirmation_expires ON ostiary.confirmation (expires);
CREATE TABLE ostiary.reserved (id text NOT NULL, key text NOT NULL, amount double precision NOT NULL, until bigint NOT NULL);
CREATE INDEX reserved_key ON ostiary.reserved (key, until);
CREATE INDEX reserved_id ON ostiary.reserved (id);
CREATE INDEX reserved_until ON ostiary.reserved (until);
CREATE TABLE ostiary.revoked (id text PRIMARY KEY, until bigint NOT NULL);
CREATE TABLE ostiary.proof (holder text NOT NULL, proof text NOT NULL, until bigint NOT NULL, PRIMARY KEY (holder, proof));
CREATE INDEX proof_until ON ostiary.proof (until);

CREATE FUNCTION ostiary.append(bodies text[], besides jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  at bigint;
  chained text;
  hashes text[] := '{}';
  one text;
  beside jsonb;
BEGIN
  -- One after the other, so that numbers come in the order in which they can be seen, and every entry follows one.
  PERFORM pg_advisory_xact_lock(${lockOf.log});
  FOR beside IN SELECT * FROM jsonb_array_elements(besides) LOOP
    IF beside ? 'opens' THEN
      INSERT INTO ostiary.open_write (request, body, until)
        VALUES (beside #>> '{opens,request}', beside #>> '{opens,body}', (beside #>> '{opens,untilMs}')::bigint)
        ON CONFLICT (request) DO UPDATE SET body = excluded.body, until = excluded.until;
    END IF;
    IF beside ? 'closes' THEN DELETE FROM ostiary.open_write WHERE request = beside ->> 'closes'; END IF;
    IF beside #> '{claim,answer}' IS NOT NULL THEN
      UPDATE ostiary.claim
        SET answer = beside #>> '{claim,answer,text}', expires = (beside #>> '{claim,answer,expiresMs}')::bigint
        WHERE id = beside #>> '{claim,id}' AND request = beside #>> '{claim,request}';
    ELSIF beside ? 'claim' THEN
      DELETE FROM ostiary.claim WHERE id = beside #>> '{claim,id}' AND request = beside #>> '{claim,request}';
    END IF;
  END LOOP;
  SELECT sequence, hash INTO at, chained FROM ostiary.audit ORDER BY sequence DESC LIMIT 1;
  at := coalesce(at, 0);
  chained := coalesce(chained, repeat('0', 64));
  FOREACH one IN ARRAY bodies LOOP
    chained := encode(sha256(convert_to(chained || E'\\n' || one, 'UTF8')), 'hex');
    hashes := array_append(hashes, chained);
  END LOOP;
  INSERT INTO ostiary.audit (sequence, body, hash)
    SELECT at + entry.place, entry.body, entry.hash
    FROM unnest(bodies, hashes) WITH ORDINALITY AS entry (body, hash, place);
END $$;

CREATE FUNCTION ostiary.cut(asked bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE gone bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(${lockOf.log});
  -- The chain goes on from the newest.
  asked := least(asked, (SELECT max(sequence) FROM ostiary.audit) - 1);
  INSERT INTO ostiary.audit_cut (through) SELECT asked WHERE asked IS NOT NULL;
  DELETE FROM ostiary.audit WHERE sequence <= asked;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

CREATE FUNCTION ostiary.claim_key(asked text, print text, asking text, until_ms bigint, now_ms bigint)
RETURNS TABLE (fingerprint text, request text, until bigint, answer text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE mine integer;
BEGIN
  -- Not synced by itself: what is appended later is, and everything before it with it.
  PERFORM set_config('synchronous_commit', 'off', true);
  DELETE FROM ostiary.claim WHERE ctid = ANY (ARRAY(
    SELECT old.ctid FROM ostiary.claim old
    WHERE old.expires <= now_ms AND old.id <> asked
      AND NOT EXISTS (SELECT FROM ostiary.open_write open WHERE open.request = old.request)
    ORDER BY old.expires LIMIT 10 FOR UPDATE SKIP LOCKED));
  INSERT INTO ostiary.claim AS held (id, fingerprint, request, until, expires)
    VALUES (asked, print, asking, until_ms, until_ms)
    ON CONFLICT (id) DO UPDATE
      SET fingerprint = excluded.fingerprint, request = excluded.request, until = excluded.until,
          expires = excluded.expires, answer = NULL
      WHERE held.expires <= now_ms AND NOT EXISTS (SELECT FROM ostiary.open_write open WHERE open.request = held.request);
  GET DIAGNOSTICS mine = ROW_COUNT;
  IF mine = 0 THEN
    RETURN QUERY SELECT held.fingerprint, held.request, held.until, held.answer FROM ostiary.claim held WHERE held.id = asked;
  END IF;
END $$;

CREATE FUNCTION ostiary.reserve(request text, additions jsonb, now_ms bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE one jsonb;
BEGIN
  -- In one order for everybody, so that no two wait for each other.
  PERFORM pg_advisory_xact_lock(hashtextextended(key, ${locks})) FROM
    (SELECT DISTINCT value ->> 'key' AS key FROM jsonb_array_elements(additions) ORDER BY 1) AS keys;
  FOR one IN SELECT * FROM jsonb_array_elements(additions) LOOP
    IF (one ->> 'atMost')::double precision < (one ->> 'amount')::double precision + coalesce(
      (SELECT sum(amount) FROM ostiary.reserved WHERE key = one ->> 'key' AND until > now_ms), 0) THEN RETURN false; END IF;
  END LOOP;
  INSERT INTO ostiary.reserved (id, key, amount, until)
    SELECT request, value ->> 'key', (value ->> 'amount')::double precision, now_ms + (value ->> 'windowMs')::bigint
    FROM jsonb_array_elements(additions);
  DELETE FROM ostiary.reserved WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ostiary.reserved WHERE until <= now_ms ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED));
  RETURN true;
END $$;
`,
  `
-- What an entry of the log follows is synced with that entry.
DROP FUNCTION ostiary.reserve(text, jsonb, bigint);
CREATE FUNCTION ostiary.reserve(request text, additions jsonb, now_ms bigint, recorded boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE one jsonb;
BEGIN
  IF recorded THEN PERFORM set_config('synchronous_commit', 'off', true); END IF;
  -- In one order for everybody, so that no two wait for each other.
  PERFORM pg_advisory_xact_lock(hashtextextended(key, ${locks})) FROM
    (SELECT DISTINCT value ->> 'key' AS key FROM jsonb_array_elements(additions) ORDER BY 1) AS keys;
  FOR one IN SELECT * FROM jsonb_array_elements(additions) LOOP
    IF (one ->> 'atMost')::double precision < (one ->> 'amount')::double precision + coalesce(
      (SELECT sum(amount) FROM ostiary.reserved WHERE key = one ->> 'key' AND until > now_ms), 0) THEN RETURN false; END IF;
  END LOOP;
  INSERT INTO ostiary.reserved (id, key, amount, until)
    SELECT request, value ->> 'key', (value ->> 'amount')::double precision, now_ms + (value ->> 'windowMs')::bigint
    FROM jsonb_array_elements(additions);
  DELETE FROM ostiary.reserved WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ostiary.reserved WHERE until <= now_ms ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED));
  RETURN true;
END $$;

CREATE TABLE ostiary.score (key text PRIMARY KEY, body text NOT NULL, version bigint NOT NULL, at bigint NOT NULL);
CREATE INDEX score_at ON ostiary.score (at);
CREATE TABLE ostiary.secret (name text PRIMARY KEY, value text NOT NULL);
`,
  `
-- Whoever appended last knows what the next entry follows, and brings the hashes along; they are made here where another
-- came in between. What changes beside the entries changes by one statement each.
DROP FUNCTION ostiary.append(text[], jsonb);
CREATE FUNCTION ostiary.append(joined text, hashed text, following text, besides jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  at bigint;
  chained text;
  bodies text[] := string_to_array(joined, E'\x1e');
  hashes text[] := '{}';
  one text;
BEGIN
  -- One after the other, so that numbers come in the order in which they can be seen, and every entry follows one.
  PERFORM pg_advisory_xact_lock(${lockOf.log});
  SELECT sequence, hash INTO at, chained FROM ostiary.audit ORDER BY sequence DESC LIMIT 1;
  at := coalesce(at, 0);
  chained := coalesce(chained, repeat('0', 64));
  IF chained = following THEN
    hashes := string_to_array(hashed, E'\x1e');
  ELSE
    FOREACH one IN ARRAY bodies LOOP
      chained := encode(sha256(convert_to(chained || E'\n' || one, 'UTF8')), 'hex');
      hashes := array_append(hashes, chained);
    END LOOP;
  END IF;
  INSERT INTO ostiary.audit (sequence, body, hash)
    SELECT at + entry.place, entry.body, entry.hash
    FROM unnest(bodies, hashes) WITH ORDINALITY AS entry (body, hash, place);
  IF besides IS NOT NULL THEN PERFORM ostiary.change(besides); END IF;
  RETURN hashes[cardinality(hashes)];
END $$;

CREATE FUNCTION ostiary.change(besides jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ostiary.open_write (request, body, until)
    SELECT request, body, until FROM (
      SELECT DISTINCT ON (opens.request) opens.request, opens.body, opens."untilMs" AS until, place
      FROM jsonb_array_elements(besides) WITH ORDINALITY AS each (beside, place),
        jsonb_to_record(beside -> 'opens') AS opens (request text, body text, "untilMs" bigint)
      WHERE beside ? 'opens' ORDER BY opens.request, place DESC) AS newest
    ORDER BY place
    ON CONFLICT (request) DO UPDATE SET body = excluded.body, until = excluded.until;
  DELETE FROM ostiary.open_write WHERE request IN (
    SELECT beside ->> 'closes' FROM jsonb_array_elements(besides) AS each (beside) WHERE beside ? 'closes');
  UPDATE ostiary.claim SET answer = beside #>> '{claim,answer,text}', expires = (beside #>> '{claim,answer,expiresMs}')::bigint
    FROM jsonb_array_elements(besides) AS each (beside)
    WHERE beside #> '{claim,answer}' IS NOT NULL
      AND claim.id = beside #>> '{claim,id}' AND claim.request = beside #>> '{claim,request}';
  DELETE FROM ostiary.claim USING jsonb_array_elements(besides) AS each (beside)
    WHERE beside ? 'claim' AND beside #> '{claim,answer}' IS NULL
      AND claim.id = beside #>> '{claim,id}' AND claim.request = beside #>> '{claim,request}';
END $$;
`,
  `
-- What changes beside the entries comes as texts as well, a row after the other, and each kind of change is a statement
-- that runs where there is one. The function of before stays for replicas that run while others start anew.
CREATE FUNCTION ostiary.append
  (joined text, hashed text, following text, opened text, closed text, answered text, freed text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  at bigint;
  chained text;
  follows boolean;
  bodies text[];
  hashes text[];
  one text;
BEGIN
  -- One after the other, so that numbers come in the order in which they can be seen, and every entry follows one.
  PERFORM pg_advisory_xact_lock(${lockOf.log});
  SELECT sequence, hash INTO at, chained FROM ostiary.audit ORDER BY sequence DESC LIMIT 1;
  at := coalesce(at, 0);
  chained := coalesce(chained, repeat('0', 64));
  follows := chained = following;
  -- One alone is not taken apart: that takes as long as to insert it.
  IF position(E'\\x1e' IN joined) = 0 THEN
    chained := CASE WHEN follows THEN hashed ELSE encode(sha256(convert_to(chained || E'\\n' || joined, 'UTF8')), 'hex') END;
    INSERT INTO ostiary.audit (sequence, body, hash) VALUES (at + 1, joined, chained);
  ELSE
    bodies := string_to_array(joined, E'\\x1e');
    IF follows THEN
      hashes := string_to_array(hashed, E'\\x1e');
    ELSE
      FOREACH one IN ARRAY bodies LOOP
        chained := encode(sha256(convert_to(chained || E'\\n' || one, 'UTF8')), 'hex');
        hashes := array_append(hashes, chained);
      END LOOP;
    END IF;
    chained := hashes[cardinality(hashes)];
    INSERT INTO ostiary.audit (sequence, body, hash)
      SELECT at + entry.place, entry.body, entry.hash
      FROM unnest(bodies, hashes) WITH ORDINALITY AS entry (body, hash, place);
  END IF;
  IF opened IS NOT NULL THEN
    INSERT INTO ostiary.open_write (request, until, body)
      SELECT split_part(line, E'\\x1f', 1), split_part(line, E'\\x1f', 2)::bigint, split_part(line, E'\\x1f', 3)
      FROM unnest(string_to_array(opened, E'\\x1e')) AS each (line)
      ON CONFLICT (request) DO UPDATE SET body = excluded.body, until = excluded.until;
  END IF;
  IF closed IS NOT NULL THEN
    DELETE FROM ostiary.open_write WHERE request = ANY (string_to_array(closed, E'\\x1e'));
  END IF;
  IF answered IS NOT NULL THEN
    UPDATE ostiary.claim SET expires = split_part(line, E'\\x1f', 3)::bigint, answer = split_part(line, E'\\x1f', 4)
      FROM unnest(string_to_array(answered, E'\\x1e')) AS each (line)
      WHERE claim.id = split_part(line, E'\\x1f', 1) AND claim.request = split_part(line, E'\\x1f', 2);
  END IF;
  IF freed IS NOT NULL THEN
    DELETE FROM ostiary.claim USING unnest(string_to_array(freed, E'\\x1e')) AS each (line)
      WHERE claim.id = split_part(line, E'\\x1f', 1) AND claim.request = split_part(line, E'\\x1f', 2);
  END IF;
  RETURN chained;
END $$;
`,
];
