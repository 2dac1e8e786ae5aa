// npm run bench:risk: what `twinstat risk` takes beside what a user would write. The sides must find the same.
import { riskRecords } from './risk-data.ts';
import {
  type RiskTask,
  recordsByCells,
  recordsByWindows,
  sudaByCounters,
  sudaByRecords,
  violationsByCells,
  violationsByGroups,
} from './risk-sides.ts';
import { type Findings, type Side, type SideCase, sideBench } from './side-bench.ts';

/** Nothing is prepared: reading is part of the work. */
const whole =
  (side: (task: RiskTask) => Promise<Findings>): Side<RiskTask> =>
  async (task) =>
  () =>
    side(task);

const SIDES = {
  recordsByCells: whole(recordsByCells),
  recordsByWindows: whole(recordsByWindows),
  violationsByCells: whole(violationsByCells),
  violationsByGroups: whole(violationsByGroups),
  sudaByCounters: whole(sudaByCounters),
  sudaByRecords: whole(sudaByRecords),
};

const riskCase = (
  name: string,
  rows: number,
  keys: number,
  memory: string,
  sides: readonly (keyof typeof SIDES)[],
): SideCase<RiskTask> => ({
  name,
  sides,
  task: async (session, folder, scale) => ({ file: await riskRecords(session, folder, Math.round(rows * scale)), keys, memory }),
});

await sideBench(import.meta.url, SIDES, [
  riskCase('records-1m', 1e6, 5, '2GB', ['recordsByCells', 'recordsByWindows']),
  riskCase('records-10m', 1e7, 7, '4GB', ['recordsByCells', 'recordsByWindows']),
  riskCase('violations-100m', 1e8, 5, '700MB', ['violationsByCells', 'violationsByGroups']),
  riskCase('suda-30k', 3e4, 7, '2GB', ['sudaByCounters', 'sudaByRecords']),
]);
