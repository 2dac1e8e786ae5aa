import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

const scratch = scratchFolder();
const twinstat = (...args: string[]): Promise<CommandResult> => runCommand(args, { cwd: scratch });

function write(name: string, text: string): string {
  writeFileSync(join(scratch, name), text);
  return name;
}

write(
  'policy.yaml',
  `variables:
  person: { role: direct_identifier, action: remove }
  age: { role: key_variable, hierarchy: { intervals: [30, 60] } }
  town: { role: key_variable, hierarchy: towns.csv }
  illness: { role: sensitive }
require: { k: 2 }
method: { recode: { search: optimal, suppression_limit: 0.2, metric: loss } }
`,
);
write('towns.csv', 'Haifa;north;*\nAcre;north;*\nEilat;south;*\n');

describe('audit', () => {
  it('refutes a file that is not what its policy claims', async () => {
    const people = write(
      'people.csv',
      'person,age,town,illness\n1,25,Haifa,flu\n2,28,Acre,flu\n3,70,Eilat,cold\n4,41,Haifa,cold\n5,45,Acre,flu\n6,29,Haifa,flu\n',
    );
    const { code, stdout } = await twinstat('audit', people, '--policy', 'policy.yaml', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout).claims).toEqual([
      { claim: 'k-anonymity', holds: false, found: 1, required: 2 },
      { claim: 'direct identifiers removed', holds: false, found: 1, required: 0 },
      { claim: 'town within one level of its hierarchy', holds: true, found: 0, required: 0 },
    ]);
    const mixed = write('mixed.csv', 'age,town,illness\n<30,north,x\n<30,north,x\n<30,Haifa,x\n<30,Haifa,x\n');
    expect((await twinstat('audit', mixed, '--policy', 'policy.yaml')).stdout).toContain(
      'FAILS  town within one level of its hierarchy: 2',
    );
  });

  it('finds an empty file sound', async () => {
    const empty = write('empty.csv', 'age,town,illness\n');
    expect((await twinstat('audit', empty, '--policy', 'policy.yaml')).code).toBe(0);
    expect(
      (await twinstat('anonymize', write('none.csv', 'person,age,town,illness\n'), '--policy', 'policy.yaml', '--out', 'none', '--quiet'))
        .code,
    ).toBe(0);
  });
});
