import { readdirSync } from 'node:fs';

/** Records of our own catalogue. */
export const RECORDS = readdirSync('catalog/entries').length;
