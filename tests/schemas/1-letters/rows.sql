-- Rows of a small network, in the numbers that the database gives them.
INSERT INTO territory (version, state, name_en, name_fr, name_ar, name_state, kind, country, parent, place_longitude, place_latitude, residents, residents_when, source, certainty)
VALUES (1, '', 'Region of the Strait', 'Région du Détroit', NULL, 'o--', 'governorate', 'MA', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO territory (version, state, name_en, name_fr, name_ar, name_state, kind, country, parent, place_longitude, place_latitude, residents, residents_when, source, certainty)
VALUES (3, '', 'Marsa', 'Marsa', 'مرسى', 'ott', 'city', 'MA', 1, -5.8128, 35.7767, 947952, '2014-09', 'census', 'verified');
INSERT INTO organisation (version, state, name_en, name_fr, name_ar, name_state, acronym, kind, territory, role_en, role_state, website)
VALUES (2, 'published', 'House of Languages', 'Maison des langues', NULL, 'ot-', 'HL', 'civil_society', 2, 'Runs *evening* courses.', 'o--', 'https://languages.example');
INSERT INTO city (version, state, name_en, name_fr, name_ar, name_state, territory, status, status_since, presentation_fr, presentation_state, website, notes)
VALUES (4, 'published', 'Marsa', 'Marsa', 'مرسى', 'ott', 2, 'member', '2017-07', 'Ville portuaire; « ouverte ».', '-o-', 'https://marsa.example', 'Call before visiting.');
INSERT INTO city (version, state, name_en, name_state, territory, status)
VALUES (1, 'draft', 'Another', 'o--', 1, 'invited');
INSERT INTO person (version, state, name, email, phone, position_fr, position_state, organisation, languages)
VALUES (1, '', 'Nadia B.', 'nadia@example.org', '+212 5 00 00', 'Chargée de mission', '-o-', 1, 'fr;ar');
INSERT INTO person (version, state, name, email) VALUES (2, '', 'O''Hara', 'ohara@example.org');
INSERT INTO programme (version, state, name_en, name_state, acronym, span_from, span_to)
VALUES (1, 'published', 'Cities on the Move', 'o--', 'CM', '2015', '2018-05');
INSERT INTO programme (version, state, name_en, name_state, acronym, part_of, span_from)
VALUES (1, 'draft', 'Cities on the Move II', 'o--', 'CM2', 1, '2018-06-01');
INSERT INTO programme_cities (owner, position, target) VALUES (1, 0, 2), (1, 1, 1);
INSERT INTO programme_organisations (owner, position, target) VALUES (1, 0, 1);
INSERT INTO focal_point (version, state, city, person, kind, term_from, term_to, deputy, delegation_from, delegation_to)
VALUES (2, '', 1, 1, 'technical', '2020-01', '2030', 2, '2021-07', '2021-08');
INSERT INTO stakeholder (version, state, city, organisation, role_en, role_state, span_from)
VALUES (1, '', 1, 1, 'Chair', 'o--', '2019');
INSERT INTO history (record, record_id, version, at, done_by, action, change)
VALUES ('city', 1, 1, 1500000000, 0, 'import', '{"name":{"new":{"en":"Marsa"}}}');
INSERT INTO history (record, record_id, version, at, done_by, action, change)
VALUES ('city', 1, 2, 1500000100, 1, 'published', '{"state":{"old":"review","new":"published"}}');
INSERT INTO account (person, email, password, totp_last, created) VALUES (1, 'nadia@example.org', 'a-hash', 7, 1500000000);
INSERT INTO account (person, email, created, closed) VALUES (2, 'ohara@example.org', 1500000000, 1500000500);
INSERT INTO grants (account, role, city, organisation, given_by, given_at) VALUES (1, 'city_editor', 1, 0, 1, 1500000001);
INSERT INTO invitation (hash, account, expires) VALUES ('hash-of-a-link', 1, 1500604800);
INSERT INTO session (hash, account, opened, seen, second_factor, address, agent) VALUES ('hash-of-a-session', 1, 1500000002, 1500000003, 1, '192.0.2.7', 'test');
INSERT INTO recovery (account, hash) VALUES (1, 'hash-of-a-code');
INSERT INTO token (hash, account, name, writes, created, expires) VALUES ('hash-of-a-token', 1, 'export', 0, 1500000004, 1600000000);
INSERT INTO attempt (who, failures, last) VALUES ('hash-of-a-name', 3, 1500000005);
INSERT INTO audit (id, at, account, action, object, detail, hash) VALUES (1, 1500000006, 1, 'sign-in', 'account/1', '{}', 'chained');
INSERT INTO setting (name, value) VALUES ('name', 'Network of two');
INSERT INTO job (kind, input, state, created) VALUES ('backup', '{}', 'done', 1500000007);
INSERT INTO outbox (letter, address, lang, given, created, due) VALUES ('invitation', 'nadia@example.org', 'fr', 'sealed', 1500000008, 1500000009);
