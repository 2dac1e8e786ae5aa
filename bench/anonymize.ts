// npm run bench:anonymize: what the cores of `twinstat anonymize` take beside plain implementations, record by record. The sides must find the same.
import { hasAdult } from './adult.ts';
import { frontierByLayers, frontierByRecords, type LatticeTask, optimaBySearch } from './lattice-sides.ts';
import { type MdavTask, mdavByArrays, mdavByRecords } from './mdav-sides.ts';
import { mondrianByClasses, mondrianByRecords } from './mondrian-sides.ts';
import { riskRecords } from './risk-data.ts';
import { type Side, type SideCase, sideBench } from './side-bench.ts';
import { type AnonymizeTask, suppressByClasses, suppressByRecords } from './suppression-sides.ts';

type Task = AnonymizeTask & MdavTask & LatticeTask;

const SIDES = {
  suppressByClasses,
  suppressByRecords,
  optimaBySearch,
  frontierByLayers,
  frontierByRecords,
  mondrianByClasses,
  mondrianByRecords,
  mdavByArrays,
  mdavByRecords,
} satisfies Record<string, Side<Task>>;

const onFile =
  (rows: number, judge: AnonymizeTask['judge']): SideCase<Task>['task'] =>
  async (session, folder, scale) => {
    const records = Math.round(rows * scale);
    return { file: await riskRecords(session, folder, records), judge, records, every: 1 };
  };

const onAdult =
  (every: number): SideCase<Task>['task'] =>
  async () =>
    hasAdult() ? { file: '', judge: 'strict', records: 0, every } : undefined;

const CASES: readonly (SideCase<Task> & { readonly sides: readonly (keyof typeof SIDES)[] })[] = [
  { name: 'suppress-strict', sides: ['suppressByClasses', 'suppressByRecords'], task: onFile(1e6, 'strict') },
  { name: 'suppress-wildcard', sides: ['suppressByClasses', 'suppressByRecords'], task: onFile(1e6, 'wildcard') },
  { name: 'lattice-adult', sides: ['optimaBySearch', 'frontierByLayers'], task: onAdult(1) },
  { name: 'lattice-twentieth', sides: ['frontierByLayers', 'frontierByRecords'], referenceRuns: 1, task: onAdult(20) },
  { name: 'mondrian', sides: ['mondrianByClasses', 'mondrianByRecords'], task: onFile(2e5, 'strict') },
  {
    name: 'mdav',
    sides: ['mdavByArrays', 'mdavByRecords'],
    referenceRuns: 1,
    task: async (_session, _folder, scale) => ({ file: '', judge: 'strict', records: Math.round(2e4 * scale), every: 1 }),
  },
];

await sideBench(import.meta.url, SIDES, CASES);
