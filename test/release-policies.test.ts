import { describe, expect, it } from 'vitest';
import { addDuration, canPublishAt, describePolicy, embargoEnd, endOfPeriod } from '../anonymize/release-policies.ts';
import { releaseDesk } from './release-desk.ts';
import { contentOf } from './release-fixture.ts';

const { drafted } = releaseDesk();

describe('policies', () => {
  it('end an embargo at the end of the period plus the duration', () => {
    const ends = ['2024', '2024-S1', '2024-Q1', '2024-02', '2024-W01', '2020-W53', '2024-02-29'].map((period) =>
      endOfPeriod(period).toISOString().slice(0, 10),
    );
    expect(ends).toEqual(['2025-01-01', '2024-07-01', '2024-04-01', '2024-03-01', '2024-01-08', '2021-01-04', '2024-03-01']);
    const add = (from: string, duration: string) => addDuration(new Date(from), duration).toISOString().slice(0, 10);
    expect([
      add('2024-04-01', 'P60D'),
      add('2024-01-31', 'P1M'),
      add('2024-02-29', 'P1Y'),
      add('2024-01-01', 'P1Y2M1W1D'),
      add('2024-01-01', 'P0D'),
    ]).toEqual(['2024-05-31', '2024-02-29', '2025-02-28', '2025-03-09', '2024-01-01']);
    for (const duration of ['60', 'P', 'P-1D', 'PT1H', 'P1.5D', 'P1D2M', '']) expect(() => add('2024-01-01', duration)).toThrow(/ISO 8601/);
    const record = contentOf(['2024-03', '2024-01']);
    expect(embargoEnd(record).toISOString()).toBe('2024-05-31T00:00:00.000Z');
  });

  it('open at the first moment after the embargo and not a millisecond earlier', async () => {
    const { record } = await drafted();
    expect(canPublishAt(record, () => new Date('2024-05-30T23:59:59.999Z'))).toBe(false);
    expect(canPublishAt(record, () => new Date('2024-05-31T00:00:00Z'))).toBe(true);
    expect(canPublishAt(record, () => new Date(Number.NaN))).toBe(false);
  });

  it('are shown beside their defaults and floors', () => {
    expect(describePolicy(contentOf(['2024']).policy)[0]).toEqual({ parameter: 'min_frequency', value: '10', standard: '10', floor: '3' });
    expect(describePolicy(contentOf(['2024']).policy)).toContainEqual({
      parameter: 'employer_id.dominance',
      value: '(2, 90)',
      standard: '(2, 90)',
      floor: '-',
    });
  });
});
