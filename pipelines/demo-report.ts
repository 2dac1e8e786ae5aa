import type { ReleaseRecord } from '../anonymize/release.ts';
import type { DeliveryReport } from './deliveries.ts';
import type { RunReport } from './run-report.ts';

export interface DemoRequest {
  readonly persons: number;
  readonly months: number;
  readonly seed: number;
}

/** Something that was not done, why, and what to do next. */
export interface Refusal {
  readonly what: string;
  readonly code: string;
  readonly why: string;
}

export interface DemoReport extends DemoRequest {
  readonly deliveries: readonly DeliveryReport[];
  readonly runs: readonly RunReport[];
  readonly releases: readonly ReleaseRecord[];
  readonly refused: readonly Refusal[];
  readonly changed: boolean;
  /** Seconds by stage. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Page of the run, relative to the data root. */
  readonly page: string;
}
