import { Store } from '../engine/store.ts';
import { writeMonths } from './store-workload.ts';

/** A process for store.test.ts: `hold` takes the lock and waits; `run` adds a month and kills itself at the n-th step. */
const [task, root = '', dieAt = '0', ...months] = process.argv.slice(2);
process.umask(0o022);
const steps: string[] = [];
const store = await Store.open(root, {
  clock: () => new Date('2026-02-01T00:00:00Z'),
  phases: (phase) => {
    steps.push(phase);
    if (steps.length !== Number(dieAt)) return;
    process.stdout.write(`${phase}\n`);
    process.kill(process.pid, 'SIGKILL');
  },
});
if (task === 'hold') {
  const run = await store.begin('hold');
  process.stdout.write(`held\n`);
  setTimeout(() => void run.abort(), 60_000);
} else {
  await writeMonths(store, months);
  process.stdout.write(`${steps.join(' ')}\n`);
}
