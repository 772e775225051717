CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  record TEXT NOT NULL,
  record_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  done_by BIGINT NOT NULL,
  action TEXT NOT NULL,
  change TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_of ON history (record, record_id, version);
CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (
  record UNINDEXED, record_id UNINDEXED, title UNINDEXED,
  words, tokenize = 'unicode61'
);
CREATE TABLE territory (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  name_en TEXT,
  name_fr TEXT,
  name_ar TEXT,
  name_state TEXT,
  kind TEXT,
  country TEXT,
  parent INTEGER REFERENCES territory (id),
  place_longitude REAL,
  place_latitude REAL,
  residents INTEGER,
  residents_when TEXT,
  source TEXT,
  certainty TEXT
);
CREATE TABLE organisation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  name_en TEXT,
  name_fr TEXT,
  name_ar TEXT,
  name_state TEXT,
  acronym TEXT,
  kind TEXT,
  territory INTEGER REFERENCES territory (id),
  role_en TEXT,
  role_fr TEXT,
  role_ar TEXT,
  role_state TEXT,
  website TEXT,
  source TEXT,
  certainty TEXT
);
CREATE TABLE city (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  name_en TEXT,
  name_fr TEXT,
  name_ar TEXT,
  name_state TEXT,
  territory INTEGER REFERENCES territory (id),
  status TEXT,
  status_since TEXT,
  presentation_en TEXT,
  presentation_fr TEXT,
  presentation_ar TEXT,
  presentation_state TEXT,
  website TEXT,
  notes TEXT,
  source TEXT,
  certainty TEXT
);
CREATE TABLE person (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  name TEXT,
  email TEXT,
  phone TEXT,
  position_en TEXT,
  position_fr TEXT,
  position_ar TEXT,
  position_state TEXT,
  organisation INTEGER REFERENCES organisation (id),
  languages TEXT
);
CREATE UNIQUE INDEX person_email_unique ON person (email);
CREATE TABLE programme (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  name_en TEXT,
  name_fr TEXT,
  name_ar TEXT,
  name_state TEXT,
  acronym TEXT,
  part_of INTEGER REFERENCES programme (id),
  span_from TEXT,
  span_to TEXT,
  presentation_en TEXT,
  presentation_fr TEXT,
  presentation_ar TEXT,
  presentation_state TEXT,
  source TEXT,
  certainty TEXT
);
CREATE TABLE programme_organisations (owner INTEGER NOT NULL REFERENCES programme (id) ON DELETE CASCADE, position INTEGER NOT NULL, target INTEGER NOT NULL REFERENCES organisation (id), PRIMARY KEY (owner, position));
CREATE TABLE programme_cities (owner INTEGER NOT NULL REFERENCES programme (id) ON DELETE CASCADE, position INTEGER NOT NULL, target INTEGER NOT NULL REFERENCES city (id), PRIMARY KEY (owner, position));
CREATE TABLE focal_point (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  city INTEGER REFERENCES city (id),
  person INTEGER REFERENCES person (id),
  kind TEXT,
  term_from TEXT,
  term_to TEXT,
  deputy INTEGER REFERENCES person (id),
  delegation_from TEXT,
  delegation_to TEXT,
  successor INTEGER REFERENCES focal_point (id)
);
CREATE TABLE stakeholder (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  city INTEGER REFERENCES city (id),
  organisation INTEGER REFERENCES organisation (id),
  person INTEGER REFERENCES person (id),
  role_en TEXT,
  role_fr TEXT,
  role_ar TEXT,
  role_state TEXT,
  span_from TEXT,
  span_to TEXT
);
CREATE TABLE IF NOT EXISTS account ( id INTEGER PRIMARY KEY AUTOINCREMENT, person BIGINT NOT NULL REFERENCES person (id), email TEXT NOT NULL UNIQUE, password TEXT, totp BLOB, totp_pending BLOB, totp_last BIGINT NOT NULL DEFAULT 0, oidc_subject TEXT UNIQUE, created BIGINT NOT NULL, closed BIGINT);
CREATE TABLE IF NOT EXISTS grants ( account BIGINT NOT NULL REFERENCES account (id), role TEXT NOT NULL, city BIGINT NOT NULL, organisation BIGINT NOT NULL, given_by BIGINT NOT NULL, given_at BIGINT NOT NULL, PRIMARY KEY (account, role, city, organisation));
CREATE TABLE IF NOT EXISTS invitation ( hash TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), expires BIGINT NOT NULL, used BIGINT);
CREATE TABLE IF NOT EXISTS session ( hash TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), opened BIGINT NOT NULL, seen BIGINT NOT NULL, second_factor BIGINT NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS session_of ON session (account);
CREATE TABLE IF NOT EXISTS recovery ( account BIGINT NOT NULL REFERENCES account (id), hash TEXT NOT NULL, PRIMARY KEY (account, hash));
CREATE TABLE IF NOT EXISTS token ( id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, writes BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT);
CREATE TABLE IF NOT EXISTS attempt ( who TEXT PRIMARY KEY, failures BIGINT NOT NULL, last BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS audit ( id BIGINT PRIMARY KEY, at BIGINT NOT NULL, account BIGINT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting ( name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS job ( id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, input TEXT NOT NULL, state TEXT NOT NULL, progress DOUBLE PRECISION NOT NULL DEFAULT 0, stage TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '', tries BIGINT NOT NULL DEFAULT 0, created BIGINT NOT NULL, holder TEXT NOT NULL DEFAULT '', lease BIGINT NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS job_waiting ON job (state, lease);
CREATE TABLE IF NOT EXISTS outbox ( id INTEGER PRIMARY KEY AUTOINCREMENT, letter TEXT NOT NULL, address TEXT NOT NULL, lang TEXT NOT NULL, given TEXT NOT NULL, created BIGINT NOT NULL, due BIGINT NOT NULL, tries BIGINT NOT NULL DEFAULT 0, sent BIGINT, fault TEXT NOT NULL DEFAULT '');
INSERT INTO search (record, record_id, title, words) VALUES ('city', 1, 'Marsa', 'marsa مرسي');
