import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/**
 * Runs `work` with the list of processes of a control group that kills whoever takes more than `bytes`; the group is removed afterwards.
 * Undefined where this process may not make one.
 */
export async function underMemoryLimit<T>(bytes: number, work: (group: string) => Promise<T>): Promise<T | undefined> {
  const isFirst = existsSync(join(ROOT, 'memory', 'memory.limit_in_bytes'));
  const group = join(ROOT, isFirst ? 'memory' : '', `twinstat-bench-${process.pid}`);
  try {
    await mkdir(group);
  } catch {
    return undefined;
  }
  try {
    const limits = isFirst ? ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'] : ['memory.max', 'memory.swap.max'];
    const [limit = '', swap = ''] = limits.map((name) => join(group, name));
    if (!existsSync(limit)) return undefined;
    await writeFile(limit, String(bytes));
    if (existsSync(swap)) await writeFile(swap, String(isFirst ? bytes : 0));
    return await work(join(group, 'cgroup.procs'));
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    await rmdir(group).catch(() => undefined);
  }
}
