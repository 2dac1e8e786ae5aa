import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hmacPads } from '../engine/keys.ts';
import type { Session } from '../engine/session.ts';
import { literal, sql } from '../engine/sql.ts';
import { linkPersons } from '../transforms/link/link-persons.ts';
import { nameMacros } from '../transforms/link/name-macros.ts';
import { preparePersons } from '../transforms/link/person-tables.ts';
import { canonicalId, isValidId, pseudonym } from '../transforms/pseudonymise.ts';
import { scratchFolder, testSession } from './scratch.ts';

const key = Buffer.alloc(32, 5);
const pads = hmacPads(createSecretKey(key));

/** The check digit rule of the Israeli id: weights 1,2,1,2,…, 9 subtracted above 9, sum divisible by 10. */
function hasCheckDigit(id: string): boolean {
  const sum = [...id].reduce((total, digit, index) => {
    const product = Number(digit) * (1 + (index % 2));
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return sum % 10 === 0;
}

function withCheckDigit(eight: string): string {
  return [...'0123456789'].map((digit) => eight + digit).find(hasCheckDigit) ?? '';
}

interface Person {
  id: string | null;
  id_type?: string;
  given: string | null;
  family: string | null;
  birth: string | null;
  sex?: string;
}

const dana: Person = { id: withCheckDigit('31415926'), given: 'דנה', family: 'כהן', birth: '1980-05-17' };
const yossi: Person = { id: withCheckDigit('27182818'), given: 'יוסף חיים', family: 'לוי', birth: '1975-11-02' };
const twin: Person = { id: withCheckDigit('31415920'), given: 'רות', family: 'כהן', birth: '1980-05-17' };

describe('linkage at the door', () => {
  const folder = scratchFolder();
  let session: Session;

  beforeAll(async () => {
    session = await testSession(folder);
    for (const macro of nameMacros()) await session.run(macro);
    await loadSpine([dana, yossi, twin]);
  });
  afterAll(() => session.close());

  async function loadSpine(people: readonly Person[]): Promise<void> {
    await table('people', people);
    await session.run(sql`CREATE OR REPLACE TEMP TABLE spine_person AS SELECT id, name_text(given_name) AS given, name_skeleton(given_name) AS given_skeleton,
      name_text(family_name) AS family, name_skeleton(family_name) AS family_skeleton, birth_date, sex, ${pseudonym(sql`'person|1|' || id`, pads)} AS pseudonym FROM people`);
    await preparePersons(session);
  }

  async function table(name: string, people: readonly Person[]): Promise<void> {
    const text = (values: (string | null)[]) => ({ type: 'VARCHAR' as const, values });
    await session.createTable('raw', [
      { name: '_row', type: 'BIGINT', values: people.map((_, index) => index) },
      { name: 'id', ...text(people.map((person) => person.id)) },
      { name: 'id_type', ...text(people.map((person) => person.id_type ?? 'national')) },
      { name: 'given_name', ...text(people.map((person) => person.given)) },
      { name: 'family_name', ...text(people.map((person) => person.family)) },
      { name: 'birth', ...text(people.map((person) => person.birth)) },
      { name: 'sex', ...text(people.map((person) => person.sex ?? null)) },
    ]);
    await session.run(
      sql`CREATE OR REPLACE TEMP TABLE ${sql`${name === 'people' ? sql`people` : sql`incoming`}`} AS SELECT * EXCLUDE (birth), birth::DATE AS birth_date FROM raw`,
    );
  }

  async function link(...people: Person[]): Promise<{ outcome: string; method: string | null; who: string }[]> {
    await table('incoming', people);
    await linkPersons(session, pads);
    const rows = await session.rows<{ outcome: string; method: string | null; id: string | null }>(
      sql`SELECT outcome, method, s.id FROM person_link AS l LEFT JOIN spine_person AS s ON s.pseudonym = l.pseudonym ORDER BY l._row`,
    );
    return rows.map(({ outcome, method, id }) => ({
      outcome,
      method,
      who: id === dana.id ? 'dana' : id === yossi.id ? 'yossi' : id === twin.id ? 'twin' : 'nobody',
    }));
  }

  it('takes an exact id when two of birth date, given and family name agree', async () => {
    expect(
      await link(
        dana,
        { ...dana, family: 'אברהם' },
        { ...dana, birth: '1980-01-01' },
        { ...yossi, given: 'יוסף' },
        { ...dana, given: 'משה', family: 'פרץ' },
      ),
    ).toEqual([
      { outcome: 'linked', method: 'id', who: 'dana' },
      { outcome: 'linked', method: 'id', who: 'dana' },
      { outcome: 'linked', method: 'id', who: 'dana' },
      { outcome: 'linked', method: 'id', who: 'yossi' },
      { outcome: 'failed', method: null, who: 'nobody' },
    ]);
  });

  it('repairs a wrong digit or a transposition only for the one neighbour whose birth date and a name agree', async () => {
    const wrong = `${yossi.id?.slice(0, 4)}${yossi.id?.[4] === '9' ? '0' : '9'}${yossi.id?.slice(5)}`;
    const swapped = `${yossi.id?.slice(0, 1)}${yossi.id?.[2]}${yossi.id?.[1]}${yossi.id?.slice(3)}`;
    const found = await link(
      { ...yossi, id: wrong },
      { ...yossi, id: swapped },
      { ...yossi, id: wrong, given: 'משה', family: 'פרץ' },
      { ...yossi, id: wrong, birth: '1975-11-03' },
    );
    expect(found[0]).toEqual({ outcome: 'repaired', method: 'repair', who: 'yossi' });
    expect(found[1]).toEqual({ outcome: 'repaired', method: 'repair', who: 'yossi' });
    expect(found[2]?.who).toBe('nobody');
    // A slip in the date as well: no repair, but the weights find both names, two parts of the date and the neighbouring number.
    expect(found[3]).toEqual({ outcome: 'repaired', method: 'repair', who: 'yossi' });
  });

  it('does not choose between two neighbours, but takes details that fit exactly one person', async () => {
    const near = withCheckDigit('55555551');
    const other = `7${near.slice(1)}`;
    const cousins: Person[] = [
      { id: near, given: 'נועה', family: 'מזרחי', birth: '1990-03-03' },
      { id: `6${near.slice(1)}`, given: 'נועה', family: 'מזרחי', birth: '1990-03-03' },
    ];
    await loadSpine([...cousins, dana]);
    expect(
      (await link({ ...(cousins[0] as Person), id: other }, { ...dana, id: null }, { ...dana, id: '000000000' })).map(
        ({ outcome, method }) => [outcome, method],
      ),
    ).toEqual([
      ['ambiguous', null],
      ['repaired', 'name'],
      ['repaired', 'name'],
    ]);
    await loadSpine([dana, yossi, twin]);
  });

  it('keeps people outside the register apart from errors', async () => {
    const stranger = { given: 'Ivan', family: 'Petrov', birth: '1985-02-02' };
    expect(
      (
        await link(
          { ...stranger, id: withCheckDigit('40404041') },
          { ...stranger, id: 'AB123456', id_type: 'passport' },
          { ...stranger, id: null },
          { ...stranger, id: '404040410' },
        )
      ).map((each) => each.outcome),
    ).toEqual(['out_of_register', 'out_of_register', 'failed', hasCheckDigit('404040410') ? 'out_of_register' : 'failed']);
  });

  it('takes names and date of birth where there is no usable number: placeholders, numbers of companies, exchanged names', async () => {
    const company = withCheckDigit('51234567');
    await session.run(sql`INSERT INTO spine_employer VALUES (${company}, NULL)`);
    const without: Person[] = ['000000000', '777777777', '123456782', '0', company].map((id) => ({ ...dana, id }));
    const swapped: Person = { ...dana, id: null, given: dana.family, family: dana.given };
    expect(await link(...without, swapped)).toEqual(
      Array.from({ length: 6 }, () => ({ outcome: 'repaired', method: 'name', who: 'dana' })),
    );
    const kinds = await session.rows<{ kind: string }>(sql`SELECT id_kind AS kind FROM person_link ORDER BY _row`);
    expect(kinds.map(({ kind }) => kind)).toEqual(['placeholder', 'placeholder', 'placeholder', 'placeholder', 'company', 'missing']);
    expect(await link({ given: 'Ivan', family: 'Petrov', birth: '1985-02-02', id: company })).toEqual([
      { outcome: 'failed', method: null, who: 'nobody' },
    ]);
  });

  it('leaves it open when the number of one twin stands under the name of the other, and never compares another sex', async () => {
    expect((await link({ ...dana, id: twin.id }))[0]).toMatchObject({ outcome: 'ambiguous', who: 'nobody' });
    expect((await link({ ...twin, id: null }))[0]).toEqual({ outcome: 'repaired', method: 'name', who: 'twin' });
    await loadSpine([{ ...dana, sex: 'F' }, yossi, twin]);
    expect((await link({ ...dana, id: null, sex: 'F' }))[0]?.who).toBe('dana');
    expect((await link({ ...dana, id: null, sex: 'M' }))[0]?.who).toBe('nobody');
    await loadSpine([dana, yossi, twin]);
  });

  it('does not tell namesakes of one day apart, nor takes names without a date', async () => {
    await loadSpine([dana, { ...dana, id: withCheckDigit('60221407') }, yossi]);
    expect((await link({ ...dana, id: null }))[0]).toMatchObject({ outcome: 'ambiguous', who: 'nobody' });
    await loadSpine([dana, yossi, twin]);
    expect((await link({ ...dana, id: null, birth: null }))[0]?.who).toBe('nobody');
  });

  it('never gives an unlinked row the pseudonym of a person of the register', async () => {
    expect((await link({ ...dana, given: 'משה', family: 'פרץ', birth: '1950-01-05' }))[0]?.who).toBe('nobody');
  });

  it('compares names as they are spoken: final letters, geresh, maqaf, niqqud, yod and vav inside', async () => {
    const same = [
      ['ג׳ורג׳', "ג'ורג'"],
      ['איתי', 'אתי'],
      ['שָׁלוֹם', 'שלום'],
      ['בן־דוד', 'בן דוד'],
      ['חיים', 'חים'],
    ];
    for (const [left, right] of same) {
      const { agrees } = await session.row<{ agrees: boolean }>(
        sql`SELECT name_agrees(name_skeleton(${left ?? ''}), name_skeleton(${right ?? ''})) AS agrees`,
      );
      expect(agrees, `${left} ${right}`).toBe(true);
    }
    const { agrees } = await session.row<{ agrees: boolean }>(
      sql`SELECT name_agrees(name_skeleton('כהן'), name_skeleton('לוי')) AS agrees`,
    );
    expect(agrees).toBe(false);
  });

  it('makes the pseudonym that HMAC-SHA-256 gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')),
        async (text) => {
          const { p } = await session.row<{ p: unknown }>(sql`SELECT ${pseudonym(sql`${text}::VARCHAR`, pads)}::VARCHAR AS p`);
          expect(String(p).replaceAll('-', '')).toBe(createHmac('sha256', key).update(text, 'utf8').digest('hex').slice(0, 32));
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it('knows a right check digit, leading zeros and placeholders', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000_000, max: 999_999_999 }), async (number) => {
        const id = String(number).padStart(9, '0');
        const { ok } = await session.row<{ ok: boolean }>(sql`SELECT ${isValidId(canonicalId(sql`${literal(String(number))}`))} AS ok`);
        expect(ok).toBe(hasCheckDigit(id) && !/^(\d)\1{8}$/.test(id) && id !== '123456782');
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
