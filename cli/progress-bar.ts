import type { Progress } from '../pipelines/context.ts';
import type { Io } from './io.ts';

const WIDTH = 24;
const EVERY_MS = 120;

/** Progress on stderr: a bar with amount and time left on a terminal, nothing elsewhere. Notes are printed in both cases unless quiet. */
export function progressBar(io: Io, options: { readonly quiet?: boolean | undefined } = {}): Progress {
  let drawn = false;
  let last = 0;
  let stage = '';
  let began = 0;
  const clear = (): void => {
    if (drawn) io.stderr('\r\u001b[2K');
    drawn = false;
  };
  return {
    update: (name, done, total, unit) => {
      if (!io.isTerminal || options.quiet === true) return;
      const now = Date.now();
      if (name !== stage) {
        stage = name;
        began = now;
      } else if (now - last < EVERY_MS) return;
      last = now;
      io.stderr(`\r\u001b[2K${barLine(name, done, total, unit, (now - began) / 1000)}`);
      drawn = true;
    },
    note: (text) => {
      clear();
      if (options.quiet !== true) io.stderr(`${text}\n`);
    },
    end: clear,
  };
}

/** `ingest x  [#####.....]  40 %  12.0 MB of 30.0 MB  3 s left` */
export function barLine(name: string, done: number, total: number | undefined, unit: 'rows' | 'bytes' | 'steps', seconds: number): string {
  if (total === undefined || total === 0) return `${name}  ${amount(done, unit)}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  const left = done > 0 && share < 1 && seconds > 1 ? `  ${Math.ceil((seconds * (1 - share)) / share)} s left` : '';
  return `${name}  [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}]  ${Math.round(share * 100)} %  ${amount(done, unit)} of ${amount(total, unit)}${left}`;
}

function amount(value: number, unit: 'rows' | 'bytes' | 'steps'): string {
  if (unit !== 'bytes') return `${value.toLocaleString('en')} ${unit}`;
  const scale = value >= 1e9 ? 1e9 : value >= 1e6 ? 1e6 : 1e3;
  return `${(value / scale).toFixed(1)} ${scale === 1e9 ? 'GB' : scale === 1e6 ? 'MB' : 'kB'}`;
}
