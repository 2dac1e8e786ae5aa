import { Session } from './engine/session.ts';
import { sql } from './engine/sql.ts';
const s = await Session.open({ temporaryDirectory: '/tmp/w', allowedDirectories: ['/tmp/w'], onRawError: console.error });
const q = process.argv.slice(2);
for (const t of q) { const r: any = await s.row(sql`SELECT json_serialize_sql(${t}::VARCHAR) AS j`); console.log('==', t); console.log(JSON.stringify(JSON.parse(r.j), (k, v) => (v === '' || v === null || (Array.isArray(v) && v.length === 0)) ? undefined : v)); }
s.close();
