import { describe, expect, it } from 'vitest';
import type { LedgerPage } from '../anonymize/ledger.ts';
import { checkVintages } from '../anonymize/release-vintages.ts';

describe('the gate on vintages', () => {
  const page = (name: string, dimensions: string[], cells: Readonly<Record<string, string | null>>): LedgerPage => ({
    dataset: 'd',
    period: '2024-01',
    table: name,
    release: 'r',
    dimensions,
    keys: Object.keys(cells).map((codes) => JSON.stringify(codes.split(' '))),
    measures: { PERSONS: Object.values(cells) },
  });
  const declared = { measures: ['persons'], counts: [], same_status: [] };
  const content = {
    licence: 'x',
    embargo: 'P0D',
    min_frequency: 10,
    contributors: {},
    tables: {
      pay: { ...declared, dimensions: ['industry', 'sex'] },
      revisions: { ...declared, dimensions: ['vintage', 'industry'], vintages: { dimension: 'vintage', final: 'M03', of: 'pay' } },
    },
  };
  const pay = page('pay', ['INDUSTRY', 'SEX'], { '_T _T': '90', 'A _T': '40', 'B _T': null, 'A F': '20' });
  const check =
    (cells: Readonly<Record<string, string | null>>, beside: readonly LedgerPage[] = [pay]) =>
    () =>
      checkVintages([...beside, page('revisions', ['VINTAGE', 'INDUSTRY'], cells)], content);
  const final = { 'M03 _T': '90', 'M03 A': '40', 'M03 B': null };

  it('lets vintages pass whose final values are those of the table', () => {
    expect(check({ 'M00 _T': '85', 'M00 A': '38', ...final })).not.toThrow();
  });

  it.each<[string, Readonly<Record<string, string | null>>]>([
    ['another final value', { ...final, 'M03 A': '41' }],
    ['a final value that the table withholds', { ...final, 'M03 B': '50' }],
    ['a final value withheld that the table shows', { ...final, 'M03 A': null }],
    ['an earlier value of a code whose final one is withheld', { 'M00 B': '47', ...final }],
    ['an earlier value of a code without a final one', { 'M00 C': '47', ...final }],
  ])('refuses %s', (_name, cells) => {
    expect(check(cells)).toThrow(expect.objectContaining({ code: 'release-vintages' }));
  });

  it('refuses vintages without their table', () => {
    expect(check(final, [])).toThrow(expect.objectContaining({ code: 'release-vintages' }));
  });
});
