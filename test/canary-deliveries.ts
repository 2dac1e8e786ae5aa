import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join as joinPath } from 'node:path';
import type { Session } from '../engine/session.ts';
import { literal, sql, trusted } from '../engine/sql.ts';
import { encodeWindows1255 } from '../sources/windows-1255.ts';
import { type Canary, canaries, canary, canaryEmployer, FAMILY, FILING, GIVEN, mistyped } from './canary-people.ts';

type Row = Readonly<Record<string, string>>;

/** People of the register, from 0; people who only file, after them. */
export const REGISTERED = canaries(0, 700);
const UNREGISTERED = canaries(700, 300);
const EMPLOYERS = Array.from({ length: 8 }, (_, index) => canaryEmployer(index));
const TWINS = 690;
const LONG = FAMILY.he.repeat(12);

/** Every number that a delivery holds, as it is written there, with every mistyped one; every date of birth. */
export const PLANTED = {
  ids: [...REGISTERED, ...UNREGISTERED].flatMap(({ id }) => [id, mistyped(id, 'digit'), mistyped(id, 'transposition')]).concat(EMPLOYERS),
  births: [...REGISTERED, ...UNREGISTERED].map(({ birth }) => birth),
};

/** Adds the canaries to a generated register (windows-1255), with rows that every rule of its contract rejects. */
export function plantRegister(file: string): void {
  const [header = '', ...old] = new TextDecoder('windows-1255').decode(readFileSync(file)).trimEnd().split('\n');
  const columns = header.split(',');
  const row = (person: Canary, changes: Row = {}): string => {
    const index = REGISTERED.indexOf(person);
    const twin = index > TWINS ? REGISTERED[TWINS] : person;
    const { family, given, birth } = twin ?? person;
    const values: Row = {
      person_id: person.id,
      family_name: family,
      given_name: given,
      birth_date: birth,
      sex: index % 2 === 0 ? 'F' : 'M',
      locality_code: '3000',
      district: String(1 + (Math.max(0, index) % 7)),
      immigration_date: '',
      death_date: '',
    };
    return columns.map((name) => changes[name] ?? values[name] ?? '').join(',');
  };
  const [a, b, c, d, e, f, g, h, i, j] = canaries(980, 10) as [
    Canary,
    Canary,
    Canary,
    Canary,
    Canary,
    Canary,
    Canary,
    Canary,
    Canary,
    Canary,
  ];
  const rejected = [
    row(a, { person_id: a.id.slice(0, 8) }),
    row(b, { sex: b.family }),
    row(c, { birth_date: '1895-02-30' }),
    row(d, { family_name: LONG }),
    row(e, { death_date: '1880-01-01' }),
    row(f, { district: f.id }),
    row(g, { given_name: '' }),
    row(REGISTERED[0] as Canary),
    `${row(h)},${h.family}`,
    row(i, { family_name: `${i.family}"${i.given}` }),
    row(j, { given_name: ` ${j.given}` }),
  ];
  writeFileSync(file, encodeWindows1255(`${[header, ...old, ...REGISTERED.map((person) => row(person)), ...rejected].join('\n')}\n`), {
    mode: 0o600,
  });
}

/** Adds the canaries' filings of a month to a generated file: every outcome of linkage, and rows that every rule rejects. */
export function plantFilings(file: string, month: string): void {
  const [header = '', ...old] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const columns = header.split(',');
  const employers = [...new Set(old.map((line) => line.split(',')[columns.indexOf('employer_id')] ?? ''))].slice(0, 30);
  let count = 0;
  const row = (person: Canary, changes: Row = {}): Row => {
    const number = (Number(month.slice(5)) * 100_000 + count++).toString(16).padStart(8, '0');
    return {
      filing_id: FILING + number,
      filing_version: '1',
      employer_id: employers[count % employers.length] ?? '',
      person_id: person.id,
      id_type: 'national',
      family_name: person.family,
      given_name: person.given,
      birth_date: person.birth,
      period_start: `${month}-01`,
      period_end: `${month}-28`,
      payment_type: 'regular',
      gross_ils: String(6_000 + (count % 90) * 100),
      hours: '160',
      job_pct: '100',
      received_at: `${month}-28`,
      correction_of: '',
      ...changes,
    };
  };
  const rows = [...linked(row), ...rejects(row, columns)].map((values) => columns.map((name) => values[name] ?? '').join(','));
  const person = REGISTERED[9] as Canary;
  const malformed = [
    `${person.id},${person.family},${person.given}`,
    rows[0]?.replace(person.family, `${person.family}" `) ?? '',
    rows[1]?.replace(/(national,)/, '$1\u200f') ?? '',
    rows[2]?.replace('regular', `"${person.family}"x`) ?? '',
  ];
  writeFileSync(file, `${[header, ...old, ...rows, ...malformed, rows[3]].join('\n')}\n`, { mode: 0o600 });
}

type MakeRow = (person: Canary, changes?: Row) => Row;

function linked(row: MakeRow): Row[] {
  const out = UNREGISTERED.slice(0, 200);
  return [
    ...REGISTERED.slice(0, 400).map((person) => row(person)),
    ...REGISTERED.slice(400, 440).map((person) => row(person, { person_id: mistyped(person.id, 'digit') })),
    ...REGISTERED.slice(440, 480).map((person) => row(person, { person_id: mistyped(person.id, 'transposition') })),
    ...REGISTERED.slice(480, 500).map((person) => row(person, { person_id: '' })),
    ...REGISTERED.slice(500, 520).map((person, index) =>
      row(person, { family_name: out[index]?.family ?? '', given_name: out[index]?.given ?? '', birth_date: out[index]?.birth ?? '' }),
    ),
    ...REGISTERED.slice(TWINS, TWINS + 5).map(() => row(REGISTERED[TWINS] as Canary, { person_id: '' })),
    ...REGISTERED.slice(520, 530).map((person) => row(person, { person_id: person.id.replace(/^0+/, '') })),
    ...REGISTERED.slice(530, 535).map((person) => row(person, { person_id: `${person.id.slice(0, 8)}-${person.id.slice(8)}` })),
    ...REGISTERED.slice(535, 540).map((person) => row(person, { person_id: person.given })),
    ...out.slice(0, 100).map((person) => row(person)),
    ...out.slice(100, 130).map((person) => row(person, { id_type: 'passport', person_id: `P${person.id}` })),
    ...out.slice(130, 160).map((person) => row(person, { id_type: 'temporary' })),
    ...out.slice(160, 180).map((person) => row(person, { person_id: mistyped(person.id, 'digit') })),
    ...out.slice(180, 190).map((person) => row(person, { person_id: '', birth_date: '' })),
    ...out.slice(190, 195).map((person) => row(person, { employer_id: `${FAMILY.latin} Ltd` })),
    ...EMPLOYERS.map((id, index) => row(out[index] as Canary, { employer_id: id })),
  ];
}

/** One row for each rule of the contract, and a canary's name and number in each column that does not take them. */
function rejects(row: MakeRow, columns: readonly string[]): Row[] {
  const people = UNREGISTERED.slice(200);
  const at = (index: number): Canary => people[index % people.length] as Canary;
  const broken: Row[] = [
    { period_end: '2020-01-01' },
    { period_start: '2024-01-15', period_end: '2024-02-15' },
    { gross_ils: '-5' },
    { payment_type: 'correction', gross_ils: '-5', correction_of: '' },
    { filing_id: '' },
    { gross_ils: '12.345' },
    { hours: '9999' },
    { job_pct: '0' },
    { family_name: LONG },
    { given_name: ` ${GIVEN.he}` },
    { birth_date: '1894-13-01' },
    { birth_date: '3.2.1894' },
  ];
  const takes = ['employer_id', 'person_id', 'family_name', 'given_name'];
  const swept = columns.filter((name) => !takes.includes(name));
  return [
    ...broken.map((changes, index) => row(at(index), changes)),
    ...swept.map((name, index) => row(at(20 + index), { [name]: at(20 + index).family })),
    ...swept
      .filter((name) => name !== 'gross_ils' && name !== 'birth_date')
      .map((name, index) => row(at(40 + index), { [name]: at(40 + index).id })),
  ];
}

/** Rewrites a generated business register (Parquet) with the canaries' employers; nothing of it is rejected. */
export async function plantBusinesses(session: Session, file: string): Promise<void> {
  const added = EMPLOYERS.map(
    (id) => sql`SELECT ${literal(id)}, ${literal(EMPLOYERS[0] ?? '')}, 'C', 'S.11', 3000, DATE '2001-01-01', NULL`,
  );
  const rows = added.reduce((left, right) => sql`${left} UNION ALL ${right}`);
  await session.run(sql`CREATE OR REPLACE TEMP TABLE business AS SELECT * FROM read_parquet(${literal(file)}) UNION ALL ${rows}`);
  await session.run(sql`COPY (SELECT * FROM business ORDER BY ALL) TO ${literal(file)} (FORMAT parquet)`);
}

/** A Parquet delivery of persons: good rows, and rows that each rule for typed columns rejects. */
export async function plantClaims(session: Session, file: string, options = ''): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const values = UNREGISTERED.slice(0, 120).map((person, index) => {
    const flaw = index % 10;
    const family = flaw === 1 ? LONG : flaw === 2 ? `${person.family} ` : flaw === 3 ? `${person.family}\u202e` : person.family;
    const kind = flaw === 4 ? person.given : 'sick';
    const amount = flaw === 5 ? 999_999 : 100 + index;
    const days = flaw === 6 ? -1 : 5;
    const id = flaw === 7 ? canary(0).id : person.id;
    return sql`(${literal(id)}, ${literal(family)}, ${literal(person.given)}, DATE ${literal(person.birth)}, ${literal(flaw === 8 ? null : '2024-01')}, ${literal(kind)}, ${literal(amount)}::DECIMAL(9, 2), ${literal(days)}::INTEGER, TIMESTAMP '2024-01-31 10:00:00')`;
  });
  const list = values.reduce((left, right) => sql`${left}, ${right}`);
  await session.run(sql`COPY (SELECT * FROM (VALUES ${list}) AS claim(person_id, family_name, given_name, birth_date, reference_month, kind, amount, days, paid_at))
    TO ${literal(file)} (FORMAT parquet${trusted(options)})`);
}

export const CLAIMS_CONTRACT = `source: claims
title: { en: Benefit claims, he: תביעות }
supplier: { en: National Insurance, he: ביטוח לאומי }
legal_basis: [IL-STAT-15]
purpose: test
retention: P1Y
delivery: { kind: increment, frequency: M }
format: { type: parquet }
reject_limit: 0.9
key: [person_id, reference_month]
partition: reference_month
link:
  person: { id: person_id, given_name: given_name, family_name: family_name, birth_date: birth_date }
variables:
  - { name: person_id, type: VARCHAR, role: direct_identifier, identifier: person, required: true, pattern: "^[0-9]{9}$", label: { en: Id, he: מספר } }
  - { name: family_name, type: VARCHAR, role: direct_identifier, max_length: 40, label: { en: Family name, he: שם משפחה } }
  - { name: given_name, type: VARCHAR, role: direct_identifier, label: { en: Given name, he: שם פרטי } }
  - { name: birth_date, type: DATE, role: direct_identifier, label: { en: Birth, he: לידה } }
  - { name: reference_month, type: PERIOD_M, role: other, required: true, label: { en: Month, he: חודש } }
  - { name: kind, type: VARCHAR, role: key_variable, codelist: [sick, leave], label: { en: Kind, he: סוג } }
  - { name: amount, type: MONEY, role: numeric, max: 50000, label: { en: Amount, he: סכום } }
  - { name: days, type: INTEGER, role: numeric, min: 0, label: { en: Days, he: ימים } }
  - { name: paid_at, type: TIMESTAMP, role: other, label: { en: Paid, he: שולם } }
rules:
  - { name: born_before_paid, expr: "birth_date < paid_at::DATE", severity: error }
`;

/** A delivery that must be refused as a whole. */
export interface Malformed {
  readonly source: string;
  readonly delivery: string;
  readonly bytes: Buffer;
  readonly code: string;
  readonly name: string;
}

/** Writes a malformed delivery as `<folder>/<source>/<delivery>/<name>` and gives the path. */
export function writeMalformed(folder: string, { source, delivery, name, bytes }: Malformed): string {
  const file = joinPath(folder, source, delivery, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes, { mode: 0o600 });
  return file;
}
