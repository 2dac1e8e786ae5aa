import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Loaded } from '../engine/definitions.ts';
import { DefinitionError, type Problem } from '../engine/errors.ts';
import { checkExpression, hasErrors } from '../engine/parse-gate.ts';
import { Session } from '../engine/session.ts';
import type { Contract } from '../sources/contract.ts';

const TYPES: Readonly<Record<string, string>> = { MONEY: 'BIGINT', PERIOD_M: 'VARCHAR' };

/** Lets the SQL expressions of a contract through the parse gate. DefinitionError with every problem, each with file, line and column. */
export async function checkContractSql(loaded: Loaded<Contract>): Promise<void> {
  const { variables, derived, rules } = loaded.value;
  const folder = await mkdtemp(join(tmpdir(), 'twinstat-gate-'));
  const session = await Session.open({ temporaryDirectory: folder, allowedDirectories: [`${folder}/`], threads: 1, memoryLimit: '300MB' });
  try {
    const problems: Problem[] = [];
    const columns = variables.map((variable) => ({ name: variable.name, type: TYPES[variable.type] ?? variable.type }));
    for (const [index, { name, type, expr }] of derived.entries()) {
      const found = await checkExpression(session, expr, {
        at: (offset) => loaded.positionOf(['derived', index, 'expr'], offset),
        columns,
        condition: false,
      });
      problems.push(...found.problems);
      columns.push({ name, type: TYPES[type] ?? type });
    }
    for (const [index, { expr }] of rules.entries()) {
      const found = await checkExpression(session, expr, { at: (offset) => loaded.positionOf(['rules', index, 'expr'], offset), columns });
      problems.push(...found.problems);
    }
    if (hasErrors(problems)) throw new DefinitionError('contract-invalid', `${loaded.file} has problems`, { problems });
  } finally {
    session.close();
    await rm(folder, { recursive: true, force: true });
  }
}
