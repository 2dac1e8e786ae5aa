import { describe, expect, it } from 'vitest';
import { type Ledger, type LedgerPage, ledgerKey } from '../anonymize/ledger.ts';
import type { ReleasePolicy } from '../anonymize/release.ts';
import { checkLinked } from '../anonymize/release-linked.ts';

const DECLARED = { dimensions: ['industry'], counts: ['jobs'], same_status: [['jobs', 'begun']] };
const POLICY: ReleasePolicy = {
  licence: 'open',
  embargo: 'P0D',
  min_frequency: 10,
  contributors: {},
  tables: {
    flows: { ...DECLARED, measures: ['jobs', 'begun'] },
    hires: { ...DECLARED, measures: ['jobs', 'begun'] },
    employees: { dimensions: ['industry', 'age'], measures: ['persons', 'median_pay'], counts: ['persons'], same_status: [] },
  },
  linked: [{ tables: ['flows', 'hires'], follow: ['employees'] }],
};
/** Creation follows flows, with a pattern in each month. */
const EACH_MONTH: ReleasePolicy = {
  ...POLICY,
  tables: { ...POLICY.tables, creation: { ...DECLARED, measures: ['jobs', 'begun'] } },
  linked: [...(POLICY.linked ?? []), { tables: ['creation'], follow: ['flows'], each_month: true }],
};

/** A page of flows by industry: what is listed is withheld. */
const flows = (period: string, withheld: string, change: Partial<LedgerPage> = {}): LedgerPage => {
  const codes = ['_T', 'A', 'B', 'C'];
  const values = (at: number) => codes.map((code) => (withheld.includes(code) ? null : String(10 * at)));
  const keys = codes.map((code) => ledgerKey([code]));
  return {
    dataset: 'work',
    period,
    table: 'flows',
    release: 'r',
    dimensions: ['INDUSTRY'],
    keys,
    measures: { JOBS: values(2), BEGUN: values(1) },
    ...change,
  };
};

const employees = (period: string, persons: string, median: string): LedgerPage => {
  const keys = ['_T', 'A', 'B', 'C'].flatMap((code) => [ledgerKey([code, '_T']), ledgerKey([code, 'Y15T24'])]);
  const values = (withheld: string) => keys.map((key) => (withheld !== '' && key === ledgerKey([withheld, '_T']) ? null : '50'));
  return {
    dataset: 'work',
    period,
    table: 'employees',
    release: 'r',
    dimensions: ['INDUSTRY', 'AGE'],
    keys,
    measures: { PERSONS: values(persons), MEDIAN_PAY: values(median) },
  };
};

const ledgerOf = (...pages: LedgerPage[]): Ledger => ({ version: 1, methods: [], pages });
const hires = (period: string, withheld: string): LedgerPage => flows(period, withheld, { table: 'hires' });

const creation = (period: string, withheld: string): LedgerPage => flows(period, withheld, { table: 'creation' });

describe('the gate on tables that follow linked ones month by month', () => {
  it.each([
    ['a pattern in each month', ledgerOf(creation('2024-02', 'BC')), [creation('2024-03', 'AB'), creation('2024-04', 'AC')]],
    ['more than the flows withhold', ledgerOf(), [flows('2024-03', 'A'), creation('2024-03', 'ABC')]],
    ['what the flows withhold in another month', ledgerOf(flows('2024-02', 'AB')), [creation('2024-03', 'BC')]],
  ])('lets pass %s', (_, ledger, pages) => expect(() => checkLinked(ledger, pages, EACH_MONTH)).not.toThrow());

  it.each([
    ['a key that the flows withhold in the month', ledgerOf(), [flows('2024-03', 'AB'), creation('2024-03', 'BC')]],
    ['a key that the flows have withheld in the month', ledgerOf(flows('2024-03', 'AB')), [creation('2024-03', 'BC')]],
    ['a key that it withheld in the month itself', ledgerOf(creation('2024-03', 'AB')), [creation('2024-03', 'BC')]],
  ])('refuses %s', (_, ledger, pages) =>
    expect(() => checkLinked(ledger, pages, EACH_MONTH)).toThrow(expect.objectContaining({ code: 'release-linked', facts: { cells: 1 } })),
  );
});

describe('the gate on linked tables', () => {
  it.each([
    ['one pattern in all months and tables', ledgerOf(), [flows('2024-03', 'AB'), hires('2024-03', 'AB'), flows('2024-04', 'AB')]],
    ['more withheld than in the release before', ledgerOf(flows('2024-02', 'AB')), [flows('2024-03', 'ABC')]],
    ['a quantile that the followed table withholds', ledgerOf(), [flows('2024-03', 'AB'), employees('2024-03', 'A', 'C')]],
    ['another dataset', ledgerOf(flows('2024-02', 'AB', { dataset: 'other' })), [flows('2024-03', 'BC')]],
    ['what a followed table withholds in another month', ledgerOf(employees('2024-02', 'C', '')), [flows('2024-03', 'AB')]],
  ])('lets pass %s', (_, ledger, pages) => expect(() => checkLinked(ledger, pages, POLICY)).not.toThrow());

  it.each([
    ['another pattern in the next month', ledgerOf(), [flows('2024-03', 'AB'), flows('2024-04', 'AC')]],
    ['another pattern in the other table', ledgerOf(), [flows('2024-03', 'AB'), hires('2024-03', 'ABC')]],
    ['a key that an earlier release withholds', ledgerOf(flows('2024-02', 'AB')), [flows('2024-03', 'BC')]],
    ['a key that a later month withheld already', ledgerOf(flows('2024-04', 'AB')), [flows('2024-03', 'BC')]],
    ['a key that the followed table withholds', ledgerOf(), [flows('2024-03', 'AB'), employees('2024-03', 'C', '')]],
    ['a key that the followed table has withheld', ledgerOf(employees('2024-03', 'C', '')), [flows('2024-03', 'AB')]],
  ])('refuses %s, without naming it', (_, ledger, pages) => {
    expect(() => checkLinked(ledger, pages, POLICY)).toThrow(expect.objectContaining({ code: 'release-linked', facts: { cells: 1 } }));
    expect(() => checkLinked(ledger, pages, POLICY)).toThrow(
      /^work 2024-0\d, table \w+: 1 keys are shown that \w+ of 2024-0\d withholds; [^"[]*$/,
    );
  });
});
