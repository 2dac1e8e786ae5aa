import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoSigningKeys } from '../engine/keys.ts';
import type { Approver } from '../engine/workspace.ts';

/** The three people of the demo; their keys derive from its seed, so anybody can compute them: good for a demonstration only. */
export const DEMO_PEOPLE = [
  { name: 'Demo Author', role: 'author' },
  { name: 'Demo Approver One', role: 'approver' },
  { name: 'Demo Approver Two', role: 'approver' },
] as const;

export function personSlug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

export function demoApprovers(seed: number): Approver[] {
  return DEMO_PEOPLE.map(({ name, role }) => ({ name, role, public_key: demoSigningKeys(seed, personSlug(name)).publicKey }));
}

/** The demo people of a data root, from the public keys that lie in its keys/; none if there are none. */
export function keptDemoApprovers(root: string): Approver[] {
  return DEMO_PEOPLE.flatMap(({ name, role }) => {
    const file = join(root, 'keys', `demo-${personSlug(name)}.pub.pem`);
    return existsSync(file) ? [{ name, role, public_key: readFileSync(file, 'utf8').replace(/^#.*\n/gm, '') }] : [];
  });
}
