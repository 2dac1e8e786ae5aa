import type { StepRecord } from '../pipelines/step-runner.ts';
import { textTable } from './text-table.ts';

/** What each step of a run took, its partitions together; the peak is that of its largest partition. */
export function profileText(steps: readonly StepRecord[]): string {
  const names = [...new Set(steps.map(({ step }) => step))];
  const rows = names.map((name) => {
    const all = steps.filter(({ step }) => step === name);
    const computed = all.filter(({ outcome }) => outcome === 'computed');
    const sum = (pick: (record: StepRecord) => number): number => all.reduce((total, record) => total + pick(record), 0);
    const count = sum(({ rows }) => rows);
    const peak = Math.max(0, ...computed.map(({ peakBytes }) => peakBytes));
    return [
      name,
      `${computed.length} of ${all.length}`,
      count,
      count === 0 ? '' : (sum(({ bytes }) => bytes) / count).toFixed(1),
      sum(({ seconds }) => seconds).toFixed(1),
      sum(({ cpuSeconds }) => cpuSeconds).toFixed(1),
      peak === 0 ? '' : Math.round(peak / 1e6),
    ];
  });
  return textTable(['step', 'computed', 'rows', 'bytes a row', 'seconds', 'core s', 'peak MB'], rows);
}
