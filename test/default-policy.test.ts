import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWorkspace } from '../engine/workspace.ts';
import { checkedPipeline } from '../pipelines/checked-pipeline.ts';
import type { Context } from '../pipelines/context.ts';
import { scratchFolder } from './scratch.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

describe('a pipeline that is about to run', () => {
  const folder = scratchFolder();
  const file = join(folder, 'pipelines/sound_pipeline/pipeline.yaml');
  let sound: string;
  let context: Context;

  beforeAll(async () => {
    await mkdir(join(folder, 'pipelines'));
    await symlink(join(project, 'sources'), join(folder, 'sources'));
    await cp(join(project, 'workspace.yaml'), join(folder, 'workspace.yaml'));
    await cp(join(project, 'test/cases/definitions/sound_pipeline'), join(folder, 'pipelines/sound_pipeline'), { recursive: true });
    sound = await readFile(file, 'utf8');
    context = { directory: folder, workspace: (await loadWorkspace(folder)).value } as Context;
  });

  const without = (...parts: string[]): string => parts.reduce((text, part) => text.replace(part, ''), sound);
  const GROUP = 'group_disclosure: { share: 90, min_other: 2 }, ';
  const HIERARCHY = ', { locality: { hierarchy: [district] } }';
  const OWN_RULES = ', dominance: [{ n: 2, k: 90 }], p_percent: 10';

  it('is refused where it asks for protection that a run does not give', async () => {
    await writeFile(file, sound);
    await expect(checkedPipeline(context, 'sound_pipeline')).rejects.toMatchObject({
      code: 'pipeline-not-supported',
      exitCode: 2,
      message: expect.stringContaining('group_disclosure'),
    });
  });

  it('has the default dominance and p% rules for every kind of contributor after the first that states none', async () => {
    await writeFile(file, without(GROUP, HIERARCHY, OWN_RULES));
    const { pipeline } = await checkedPipeline(context, 'sound_pipeline');
    expect(pipeline.tables['wage_by_sex']?.contributors).toEqual({
      person_id: { min: 10 },
      employer_id: { min: 3, dominance: [{ n: 2, k: 90 }], p_percent: 10 },
    });
    await writeFile(file, without(GROUP, HIERARCHY).replace('n: 2, k: 90', 'n: 1, k: 75'));
    const own = await checkedPipeline(context, 'sound_pipeline');
    expect(own.pipeline.tables['wage_by_sex']?.contributors['employer_id']?.dominance).toEqual([{ n: 1, k: 75 }]);
  });
});
