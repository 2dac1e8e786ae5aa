import { closeSync, openSync, writeSync } from 'node:fs';
import { canonicalJson, type JsonObject } from './canonical-json.ts';

/** What happened in a run: a word and facts, never a value of a record. */
export interface Log {
  info(event: string, facts?: JsonObject): void;
  warn(event: string, facts?: JsonObject): void;
  close(): void;
}

/** A log as JSON lines {ts, level, event, …facts}, usually `runs/<run>/log.jsonl`; mode 0600. */
export function openLog(path: string, clock: () => Date): Log {
  const file = openSync(path, 'a', 0o600);
  const write = (level: string, event: string, facts: JsonObject = {}): void => {
    writeSync(file, `${canonicalJson({ ...facts, ts: clock().toISOString(), level, event })}\n`);
  };
  return {
    info: (event, facts) => write('info', event, facts),
    warn: (event, facts) => write('warn', event, facts),
    close: () => closeSync(file),
  };
}
