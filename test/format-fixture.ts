import { Contract } from '../sources/contract.ts';
import { contractOf, type RawContract } from './reading-fixture.ts';

/** A label that a contract of a test has. */
export const label = { en: 'x', he: 'א' };

/** What a contract is told of its contradictions: path and message. */
export function problemsOf(variables: readonly string[], more: RawContract): string[] {
  const parsed = Contract.safeParse({ ...contractOf(variables), ...more });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Letters that do not compress. */
export function randomText(length: number): string {
  let seed = 7;
  return Array.from({ length }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(97 + ((seed >> 16) % 26));
  }).join('');
}
