import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EMPTY_LEDGER, Ledger, type LedgerPage } from '../anonymize/ledger.ts';
import { hashJson, type JsonObject } from '../engine/canonical-json.ts';
import type { Ref } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import type { Context } from './context.ts';

const LEDGER: Ref = 'release_ledger@tabulated';

/** Every cell that was ever published. */
export async function readLedger(context: Context): Promise<Ledger> {
  const manifest = await context.store.manifest(LEDGER);
  if (manifest === undefined) return EMPTY_LEDGER;
  const pages = await Promise.all(
    manifest.parts.map(async (part) => JSON.parse(await readFile(await context.store.partPath(part), 'utf8')) as LedgerPage),
  );
  const { methods, microdata } = manifest.facts;
  return Ledger.parse({ version: 1, methods, pages, ...(microdata !== undefined && { microdata }) });
}

/** Adds the pages that a release has added; earlier pages stay as they are. */
export async function keepLedger(transaction: Transaction, before: Ledger, after: Ledger): Promise<void> {
  const old = await transaction.manifest(LEDGER);
  const parts = [...(old?.parts ?? [])];
  const known = new Set(before.pages.map((page) => hashJson(page)));
  for (const page of after.pages) {
    const hash = hashJson(page);
    if (known.has(hash)) continue;
    const staged = transaction.stage(`ledger/${hash}.json`);
    await writeFile(staged, JSON.stringify(page));
    parts.push(
      await transaction.addFile(LEDGER, staged, `pages/${basename(staged)}`, { partition: page.period, key: hash, rows: page.keys.length }),
    );
  }
  const facts = { methods: after.methods, ...(after.microdata && { microdata: after.microdata }) } as unknown as JsonObject;
  transaction.put(LEDGER, {
    key: hashJson({ facts, parts: parts.map((part) => part.sha256).sort() }),
    parts,
    facts,
  });
}
