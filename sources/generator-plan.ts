import type { GeneratorScript } from './generator-script.ts';

/** Sources that can be generated, in order, with those whose people or employers they need. */
export const SOURCES = {
  population_register: [],
  business_register: ['population_register'],
  employer_filings: ['population_register', 'business_register'],
  retail_scanner: [],
  household_register: ['population_register'],
  dwelling_register: ['population_register', 'household_register'],
  metering_point: ['population_register', 'household_register', 'dwelling_register'],
  smart_meter: ['population_register', 'household_register', 'dwelling_register', 'metering_point'],
  labour_survey: [
    'population_register',
    'business_register',
    'employer_filings',
    'household_register',
    'dwelling_register',
    'metering_point',
  ],
} as const satisfies Record<string, readonly string[]>;
export type GeneratedSource = keyof typeof SOURCES;

export interface Item {
  readonly source: GeneratedSource;
  /** Name of the delivery: month, day, or `jobs` for what is written while preparing. */
  readonly delivery: string;
  /** Number of the month from 0; -1 for what has none. */
  readonly month: number;
}

/** What a run of so many months consists of, in order. */
export function planDeliveries(
  wanted: readonly GeneratedSource[],
  firstMonth: string,
  months: number,
  scripts: Record<GeneratedSource, GeneratorScript>,
): Item[] {
  return wanted.flatMap((source): Item[] => {
    const jobs = scripts[source].prepare.some((statement) => statement.kind === 'write') ? [{ source, delivery: 'jobs', month: -1 }] : [];
    if (scripts[source].month.length === 0) return [...jobs, { source, delivery: `${firstMonth}-01`, month: -1 }];
    return [...jobs, ...Array.from({ length: months }, (_, month) => ({ source, delivery: addMonths(firstMonth, month), month }))];
  });
}

export function addMonths(month: string, count: number): string {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + count;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}-01T00:00:00Z`) - Date.parse(`${from}-01T00:00:00Z`)) / 86_400_000);
}
