// One run of one side in a process of its own: takes a RunOrder as its argument, prints a Usage as one line of JSON.
import { join } from 'node:path';
import { Session } from '../engine/session.ts';
import { CASES } from './cases.ts';
import { peakMemory } from './peak-memory.ts';
import type { RunOrder, Usage } from './run-order.ts';

const order = JSON.parse(process.argv[2] ?? '') as RunOrder;
const side = CASES.find(({ name }) => name === order.case)?.sides.find(({ name }) => name === order.side);
if (side === undefined) throw new Error(`there is no side ${order.side} in case ${order.case}`);

const session = await Session.open({
  temporaryDirectory: join(order.output, 'spill'),
  allowedDirectories: order.folders.map((folder) => `${folder}/`),
  threads: order.threads,
  memoryLimit: order.memory,
  onRawError: (text) => process.stderr.write(`${text}\n`),
});
const before = process.cpuUsage();
const start = performance.now();
await side.work({ session, files: order.files, output: join(order.output, 'cells'), threads: order.threads });
const { user, system } = process.cpuUsage(before);
const usage: Usage = { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3, rss: peakMemory() };
session.close();
process.stdout.write(`${JSON.stringify(usage)}\n`);
