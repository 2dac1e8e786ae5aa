import { Command } from 'commander';
import { buildCommand } from './catalog-build.ts';
import { checkCommand } from './catalog-check.ts';
import { exportCommand } from './catalog-export.ts';
import { importCommand } from './catalog-import.ts';
import type { Io } from './io.ts';

/** `twinstat catalog`: the catalogue of sources. */
export function command(io: Io): Command {
  return new Command()
    .description('The catalogue of sources: check its records, give it to other catalogues, take theirs in, make the site.')
    .addCommand(checkCommand(io))
    .addCommand(exportCommand(io))
    .addCommand(importCommand(io))
    .addCommand(buildCommand(io))
    .addHelpText(
      'after',
      '\nExamples:\n  twinstat catalog check\n  twinstat catalog check --catalog institute/catalog --json\n  twinstat catalog export --format dcat-ap --out catalogue.ttl\n  twinstat catalog build --out site --audience public\n',
    );
}
