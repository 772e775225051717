// The group-by of bench/intake.py in DuckDB: TABLE THREADS. The types are given,
// so that nothing is spent on guessing, and the groups are counted and summed
// inside the database, so that nothing is spent on handing them out.
import { DuckDBInstance } from '@duckdb/node-api';

const [table, threads] = process.argv.slice(2);
const db = await DuckDBInstance.create(':memory:', { threads });
const connection = await db.connect();
const result = await connection.runAndReadAll(`
  SELECT count(*), sum(n)::BIGINT FROM (
    SELECT area, origin, sex, age, sum(count) AS n
    FROM read_csv('${table}', header = true, delim = ',', columns = {
      'area': 'VARCHAR', 'origin': 'VARCHAR', 'sex': 'VARCHAR',
      'age': 'VARCHAR', 'count': 'BIGINT'})
    GROUP BY area, origin, sex, age)`);
console.log(result.getRows()[0].join(' '));
