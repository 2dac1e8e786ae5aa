import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchCase, Comparison, Input } from './bench-case.ts';
import { countedByRollUp, countedBySets, KEYED_DIMENSIONS, keyedUnits, perturbedByRollUp, perturbedBySets } from './cell-key-sides.ts';
import { cubeByCore, monthsByCore, rollUpByCore } from './core-sides.ts';
import { makeKeys } from './key-subsets.ts';
import { payrollMonth } from './payroll-data.ts';
import { CELL_KEYS } from './payroll-table.ts';
import { countsBySets, cubeBySets } from './sets-sides.ts';
import { cubeBySql } from './sql-sides.ts';
import { subsetsByCore, subsetsBySets } from './subset-sides.ts';

const MONTHS = 24;

const month: Input = async (session, folder, rows) => [await payrollMonth(session, folder, rows, 1)];

const keyFile: Input = async (session, folder, rows) => {
  const path = join(folder, `keys-${rows}.parquet`);
  if (!existsSync(path)) await makeKeys(session, path, rows);
  return [path];
};

/** All months, with this share of their rows. */
function months(share: number): Input {
  return async (session, folder, rows) => {
    const files: string[] = [];
    for (let number = 1; number <= MONTHS; number++) files.push(await payrollMonth(session, folder, Math.round(rows * share), number));
    return files;
  };
}

const cube: Comparison = {
  keys: CELL_KEYS,
  exact: ['n', 'pay', 'employers', 'top1', 'top2'],
  near: ['q0', 'q1', 'q2', 'q3', 'q4'],
};

export const CASES: readonly BenchCase[] = [
  {
    name: 'cube',
    title: '36 margins with n, sum, 5 quantiles, distinct employers and the 2 largest',
    sides: [
      { name: 'core', work: cubeByCore },
      { name: 'best-sql', work: cubeBySql },
      { name: 'naive', work: cubeBySets },
    ],
    input: month,
    comparison: cube,
    pairs: 3,
    claimMb: 375,
  },
  {
    name: 'rollup',
    title: 'n and sum over the 36 margins',
    sides: [
      { name: 'core', work: rollUpByCore },
      { name: 'grouping-sets', work: countsBySets },
    ],
    input: month,
    comparison: { keys: CELL_KEYS, exact: ['n', 'pay'], near: [] },
    pairs: 7,
    claimMb: 250,
  },
  {
    name: 'subsets',
    title: '41 subsets of 6 key variables: combinations and records that stand alone',
    sides: [
      { name: 'counters', work: subsetsByCore },
      { name: 'grouping-sets', work: subsetsBySets },
    ],
    input: keyFile,
    comparison: { keys: ['subset'], exact: ['combinations', 'uniques'], near: [] },
    pairs: 7,
    claimMb: 600,
  },
  {
    name: 'cell-keys',
    title: 'counts of 16 margins of four dimensions with cell keys and noise; the counts alone',
    sides: [
      { name: 'keyed-roll-up', work: perturbedByRollUp },
      { name: 'keyed-sets', work: perturbedBySets },
      { name: 'plain-sets', work: countedBySets },
      { name: 'plain-roll-up', work: countedByRollUp },
    ],
    input: async (session, folder, rows) => [await keyedUnits(session, folder, rows)],
    comparison: { keys: KEYED_DIMENSIONS, exact: ['n'], near: [] },
    pairs: 5,
    claimMb: 300,
  },
  {
    name: 'partitions',
    title: `the cube of ${MONTHS} months in a pool of workers; the same with a tenth of the rows; one new month`,
    sides: [
      { name: 'all-months', work: monthsByCore },
      { name: 'tenth', work: monthsByCore, input: months(0.1) },
      { name: 'new-month', work: monthsByCore, input: month },
    ],
    input: months(1),
    comparison: { ...cube, file: '1.parquet', sides: ['all-months', 'new-month'] },
    pairs: 1,
    claimMb: 1000,
    isLong: true,
  },
];
