import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** employment_earnings of a workspace for tests of a few months: released at once, so without vintages, which need half a year. */
export function releasedAtOnce(workspace: string): void {
  const file = join(workspace, 'pipelines/employment_earnings/pipeline.yaml');
  const definition = readFileSync(file, 'utf8');
  const shorter = definition.replace('maturity: P6M', 'maturity: P0M').replace(/^vintages:\n(?: .*\n)+/m, '');
  writeFileSync(file, shorter);
}
