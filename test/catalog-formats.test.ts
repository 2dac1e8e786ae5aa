import { existsSync, readFileSync } from 'node:fs';
import { Parser } from 'n3';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const VOCAB = '../shared/catalog/vocab';
const hasVocab = existsSync(VOCAB);
if (!hasVocab) console.info('skipped: vocabularies of DPV and ODCS not here');

const exported = async (format: string, audience = 'internal'): Promise<string> =>
  (await runCommand(['catalog', 'export', '--format', format, '--audience', audience], { cwd: scratch })).stdout;
const contracts = (text: string): Record<string, unknown>[] => parseAllDocuments(text).map((document) => document.toJS());

/** A JSON schema without what zod cannot check. */
function checkable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(checkable);
  if (typeof schema !== 'object' || schema === null) return schema;
  const left = Object.entries(schema).filter(([key]) => !['unevaluatedProperties', 'if', 'then', 'else', 'not'].includes(key));
  return Object.fromEntries(left.map(([key, value]) => [key, checkable(value)]));
}

describe('catalog export', () => {
  it('writes CKAN packages with the names and tags that CKAN takes', async () => {
    const packages = JSON.parse(await exported('ckan'));
    expect(packages).toHaveLength(38);
    for (const { name, extras } of packages) {
      expect(name).toMatch(/^[a-z0-9_-]{2,100}$/);
      expect(new Set(extras.map(({ key }: { key: string }) => key)).size).toBe(extras.length);
    }
    const register = packages.find(({ name }: { name: string }) => name === 'pop-register');
    expect(register.title).toBe('מרשם האוכלוסין');
    expect(register.extras).toContainEqual({ key: 'frequency', value: 'DAILY' });
    expect(await exported('ckan', 'public')).not.toContain('"frequency"');
  });

  it.skipIf(!hasVocab)('writes contracts that the JSON schema of ODCS 3.1 takes, with the variables of the delivery', async () => {
    const schema = JSON.parse(readFileSync(`${VOCAB}/odcs-json-schema-v3.1.0.json`, 'utf8'));
    const valid = z.fromJSONSchema(checkable(schema) as Parameters<typeof z.fromJSONSchema>[0]);
    const all = contracts(await exported('odcs'));
    expect(all.map((contract) => valid.safeParse(contract).success)).toEqual(Array.from({ length: 38 }, () => true));
    expect(valid.safeParse({ ...all[0], status: undefined }).success).toBe(false);
    expect(all.filter(({ schema: variables }) => variables !== undefined)).toHaveLength(6);
    expect(contracts(await exported('odcs', 'public')).some(({ schema: variables }) => variables !== undefined)).toBe(false);
  });

  it.skipIf(!hasVocab)('writes the record of processing in terms that DPV has, for personal data alone', async () => {
    const terms = new Set(
      ['dpv-2.3.csv', 'dpv-eu-gdpr-2.3.csv'].flatMap((name) =>
        [...readFileSync(`${VOCAB}/${name}`, 'utf8').matchAll(/^"[^"]*","[^"]*","([^"]*)"/gm)].map(([, iri]) => iri),
      ),
    );
    const quads = new Parser().parse(await exported('dpv'));
    const used = quads
      .flatMap(({ predicate, object }) => [predicate.value, object.value])
      .filter((iri) => iri.startsWith('https://w3id.org/dpv'));
    expect(used.length).toBeGreaterThan(100);
    expect([...new Set(used)].filter((iri) => !terms.has(iri))).toEqual([]);
    const records: { id: string; privacy: { category: string } }[] = JSON.parse(await exported('json')).records;
    const personal = records.filter(({ privacy }) => ['personal', 'special'].includes(privacy.category)).map(({ id }) => id);
    const processes = quads
      .filter(({ predicate }) => predicate.value.endsWith('#hasProcess'))
      .map(({ object }) => object.value.split('/').at(-1));
    expect(new Set(processes)).toEqual(new Set(personal));
    expect(new Parser().parse(await exported('dpv', 'public')).filter(({ predicate }) => predicate.value.endsWith('#hasProcess'))).toEqual(
      [],
    );
  });

  it('writes the terms of StatDCAT-AP from the variables of the delivery, never identifiers, where the delivery may be seen', async () => {
    const turtle = await exported('statdcat');
    expect(turtle).toBe(await exported('dcat-ap'));
    const quads = new Parser().parse(turtle);
    const of = (id: string, term: string): string[] =>
      quads
        .filter(
          ({ subject, predicate }) => subject.value.endsWith(`/source/${id}`) && predicate.value === `http://data.europa.eu/m8g/${term}`,
        )
        .map(({ object }) => object.value.split('/').at(-1) ?? '')
        .sort();
    expect(of('employer-payroll', 'dimension')).toEqual(['id_type']);
    expect(of('employer-payroll', 'attribute')).toEqual(['payment_type']);
    expect(of('employer-payroll', 'statUnitMeasure')).toEqual(['ILS', 'h', 'percent']);
    expect(of('employer-payroll', 'numSeries')).toEqual(['9']);
    expect(of('smart-meters', 'numSeries')).toEqual(['1']);
    expect(of('pop-register', 'dimension')).toContain('sex');
    expect(of('pop-register', 'numSeries')).toEqual([]);
    const hidden = ['family_name', 'person_id', 'employer_id', 'meter_id', 'retailer_id'];
    expect(hidden.filter((name) => turtle.includes(name))).toEqual([]);
    expect(await exported('statdcat', 'public')).not.toContain('/variable/');
  });

  it('writes SIMS with the words of both languages', async () => {
    const lines = (await exported('sims')).split('\r\n');
    expect(lines).toContain('pop-register,S.9,תדירות,Frequency,יומי,Daily');
    expect(await exported('sims', 'public')).toContain('pop-register,S.9,תדירות,Frequency,,');
  });
});
