import { ingestCases } from './cli-ingest.ts';
import { openInstitute } from './cli-institute.ts';
import { integrityCases } from './cli-integrity.ts';
import { processCases } from './cli-processes.ts';
import { releaseCases, withdrawCases } from './cli-release.ts';
import { runCases } from './cli-run.ts';

// In this order: each goes on from the state that those before it left.
const institute = openInstitute();
ingestCases(institute);
runCases(institute);
releaseCases(institute);
integrityCases(institute);
processCases(institute);
withdrawCases(institute);
