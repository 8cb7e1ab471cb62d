// Tables and fixed views of metadata/campaign.db. What people query; docs/reference/manifest.md explains it. No rows here.

/** Raised when a column changes its meaning or goes away; new columns and views do not count. */
export const MANIFEST_VERSION = 1;

export const TABLES = `
PRAGMA user_version = ${MANIFEST_VERSION};
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE stages (position INTEGER PRIMARY KEY, name TEXT, description TEXT, jobs INTEGER, run TEXT, code TEXT);
CREATE TABLE axes (stage TEXT, position INTEGER, name TEXT, unit TEXT, size INTEGER, PRIMARY KEY (stage, position)) WITHOUT ROWID;
-- state: new, running, done, stale, held, failed, lost, cancelled, checkpoint. stale: its result is not of what is asked now, or not what its receipt says (cmc verify --write). held: why. What is in a queue no journal says: cmc status. in_campaign 0: the job is in the journal and no longer in the campaign.
-- recipe: what is asked now. seconds, peak_memory, checks_passed: of the accepted attempt. attempt_id: attempts.id of the running, else accepted, else last one.
CREATE TABLE jobs (id INTEGER PRIMARY KEY, key TEXT NOT NULL, stage TEXT NOT NULL, point TEXT, params TEXT, state TEXT NOT NULL, in_campaign INTEGER NOT NULL, recipe TEXT, attempts INTEGER NOT NULL, failures INTEGER NOT NULL, seconds REAL, peak_memory INTEGER, checks_passed INTEGER, adopted INTEGER, attempt_id INTEGER, held TEXT);
-- Times are UTC. class: ok, exit, signal, oom, timeout, validation, missing-input, cancelled, checkpoint, lost; NULL while it runs. name: as in CMC_ATTEMPT_ID. recipe: what was asked then. phases: JSON, seconds by name.
CREATE TABLE attempts (id INTEGER PRIMARY KEY, job INTEGER NOT NULL, attempt INTEGER, name TEXT, class TEXT, accepted INTEGER, started_at TEXT, finished_at TEXT, seconds REAL, host TEXT, pid INTEGER, batch TEXT, exit INTEGER, signal TEXT, message TEXT, peak_memory INTEGER, log_file TEXT, log_from INTEGER, log_to INTEGER, log_tail TEXT, recipe TEXT, phases TEXT);
-- Of the accepted attempt, by its receipt.
CREATE TABLE outputs (job INTEGER, name TEXT, path TEXT, size INTEGER, mtime TEXT, files INTEGER, sha256 TEXT, PRIMARY KEY (job, name)) WITHOUT ROWID;
-- value is NULL where the number was not finite; then text says NaN, Infinity or -Infinity.
CREATE TABLE metrics (job INTEGER, name TEXT, value REAL, text TEXT, unit TEXT, detail TEXT, PRIMARY KEY (job, name)) WITHOUT ROWID;
-- Of the accepted attempt, and of the last attempt where gates of level fail made it fail.
CREATE TABLE gate_results (job INTEGER, attempt INTEGER, name TEXT, metric TEXT, level TEXT, passed INTEGER, message TEXT);
CREATE TABLE failed_checks (job INTEGER, attempt INTEGER, output TEXT, check_name TEXT, message TEXT);
-- One row a run. What an earlier cmc did not record is NULL. git_changes: uncommitted paths, 0 is clean; diff_digest: sha256 of the difference. command, variables, options: JSON.
-- to_run: jobs it set out to run; new ... unchanged: jobs of the campaign by planned action. done, failed: what came of them; of a run without an end, so far.
CREATE TABLE applies (run TEXT PRIMARY KEY, started_at TEXT, ended_at TEXT, outcome TEXT, user TEXT, host TEXT, site TEXT, git_commit TEXT, git_branch TEXT, git_changes INTEGER, diff_digest TEXT, campaign_digest TEXT, bundle TEXT, bundle_dir TEXT, tool TEXT, node TEXT, lock_file TEXT, lock_file_digest TEXT, command TEXT, variables TEXT, options TEXT, to_run INTEGER, new INTEGER, rerun INTEGER, retry INTEGER, adopt INTEGER, moved INTEGER, blocked INTEGER, forget INTEGER, unchanged INTEGER, done INTEGER, failed INTEGER, cancelled_by TEXT, cancel_reason TEXT) WITHOUT ROWID;
CREATE TABLE planned (run TEXT, stage TEXT, action TEXT, reason TEXT, jobs INTEGER);
CREATE TABLE verbs (at TEXT, verb TEXT, key TEXT, user TEXT, reason TEXT, run TEXT);
-- To a scheduler. state: intended (no answer is known), submitted, refused, cancelled (a person took back all of it), over. mode: array, pool. message: of a refusal.
CREATE TABLE submissions (token TEXT PRIMARY KEY, slurm_job INTEGER, run TEXT, array TEXT, mode TEXT, lane TEXT, tasks INTEGER, jobs INTEGER, submitted_at TEXT, answered_at TEXT, state TEXT NOT NULL, message TEXT) WITHOUT ROWID;
CREATE TABLE alerts (at TEXT, code TEXT, message TEXT);
`;

export const INDEXES = `
CREATE UNIQUE INDEX jobs_key ON jobs (key);
CREATE INDEX jobs_stage_state ON jobs (stage, state);
CREATE INDEX attempts_job ON attempts (job);
`;

export const VIEWS = `
CREATE VIEW runs AS
  SELECT run, user, host, started_at, ended_at AS finished_at, outcome, to_run AS jobs, bundle, campaign_digest, tool AS tool_version, cancelled_by, cancel_reason
  FROM applies ORDER BY run;
CREATE VIEW progress AS
  SELECT s.name AS stage, s.jobs, sum(j.state = 'done') AS done, sum(j.state = 'running') AS running, sum(j.state = 'new') AS new,
    sum(j.state = 'stale') AS stale, sum(j.state = 'failed') AS failed, sum(j.state IN ('lost', 'cancelled', 'checkpoint')) AS interrupted,
    sum(j.state = 'held') AS held,
    round(100.0 * sum(j.state = 'done') / s.jobs, 1) AS percent
  FROM stages s JOIN jobs j ON j.stage = s.name AND j.in_campaign GROUP BY s.position;
CREATE VIEW failures AS
  SELECT j.key, j.stage, a.attempt, a.class, a.exit, a.signal, a.message, a.host, a.finished_at, a.log_file, a.log_from, a.log_to, a.log_tail
  FROM jobs j JOIN attempts a ON a.id = (SELECT max(b.id) FROM attempts b WHERE b.job = j.id) WHERE j.state = 'failed' ORDER BY j.id;
CREATE VIEW running AS
  SELECT j.key, j.stage, a.attempt, a.name, a.started_at, a.host, a.pid, a.batch
  FROM jobs j JOIN attempts a ON a.id = j.attempt_id WHERE j.state = 'running' ORDER BY j.id;
CREATE VIEW metrics_by_stage AS
  SELECT j.stage, m.name, m.unit, count(*) AS jobs, count(m.value) AS finite, min(m.value) AS min, avg(m.value) AS mean, max(m.value) AS max
  FROM metrics m JOIN jobs j ON j.id = m.job GROUP BY j.stage, m.name, m.unit ORDER BY j.stage, m.name;
CREATE VIEW gate_failures AS
  SELECT j.key, j.stage, g.name AS gate, g.metric, g.level, g.message, j.state
  FROM gate_results g JOIN jobs j ON j.id = g.job WHERE NOT g.passed ORDER BY g.level, j.id, g.name;
CREATE VIEW slowest AS
  SELECT j.key, j.stage, j.seconds, j.peak_memory, a.host, a.started_at, a.finished_at
  FROM jobs j JOIN attempts a ON a.id = j.attempt_id WHERE j.seconds IS NOT NULL ORDER BY j.seconds DESC, j.id;
CREATE VIEW phases AS
  SELECT j.stage, p.key AS phase, count(*) AS attempts, total(p.value) AS seconds, avg(p.value) AS mean, max(p.value) AS max
  FROM attempts a JOIN jobs j ON j.id = a.job, json_each(a.phases) p GROUP BY j.stage, p.key ORDER BY j.stage, seconds DESC;
CREATE VIEW batches AS
  SELECT a.batch, j.stage, count(*) AS attempts, sum(a.class = 'ok') AS ok, sum(a.class NOT IN ('ok', 'lost', 'cancelled', 'checkpoint')) AS failed,
    min(a.started_at) AS started_at, max(a.finished_at) AS finished_at
  FROM attempts a JOIN jobs j ON j.id = a.job GROUP BY a.batch, j.stage ORDER BY a.batch;
`;
