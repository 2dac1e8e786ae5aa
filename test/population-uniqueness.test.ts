import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digamma, logGamma } from '../anonymize/risk/gamma.ts';
import { populationUniqueness } from '../anonymize/risk/population-uniqueness.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';
import { MICRODATA } from './vectors.ts';

const scratch = scratchFolder();
const adult = join(MICRODATA.data, 'adult', 'adult.csv');
const KEYS = 'sex,age,race,marital-status,education,native-country,workclass,occupation,salary-class';

describe('population uniqueness', () => {
  it.skipIf(!existsSync(adult))('is what ARX estimates for a sample of 10 %', async () => {
    const args = ['risk', adult, '--keys', KEYS, '--sampling-fraction', '0.1', '--json', '--quiet'];
    const { code, stdout } = await runCommand(args, { cwd: scratch });
    expect(code).toBe(0);
    const found = JSON.parse(stdout).population_uniqueness;
    expect(found.zayatz).toBeCloseTo(0.3207402393466189, 13);
    expect(found.pitman).toBeCloseTo(0.276849938836536, 11);
    expect(found.dankar).toBe(found.pitman);
  });

  it('of a file that is the whole population is its share of uniques after Zayatz, and Pitman says nothing where all are alone', () => {
    const sizes = { size: Float64Array.of(1, 2, 5), count: Float64Array.of(4, 3, 2) };
    expect(populationUniqueness(sizes, 20).zayatz).toBeCloseTo(4 / 20, 12);
    expect(populationUniqueness({ size: Float64Array.of(1), count: Float64Array.of(9) }, 90)).toMatchObject({ pitman: null, zayatz: 1 });
  });

  it('rests on gamma functions that obey their recurrences', () => {
    for (const x of [0.01, 0.5, 1, 3.7, 12, 1e6]) {
      expect(digamma(x + 1) - digamma(x)).toBeCloseTo(1 / x, 9);
      expect(logGamma(x + 1) - logGamma(x)).toBeCloseTo(Math.log(x), 7);
    }
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 14);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  });
});
