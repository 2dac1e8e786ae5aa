// What an institute scripts with: open a workspace, take deliveries in, run pipelines, release through the gate, read what is there.
export { type CellSums, cellSums, joinCellSums, type SumRecords } from './anonymize/cell-key/cell-sums.ts';
export { ratioOfPublished } from './anonymize/cell-key/derived-measures.ts';
export { cellKeys } from './anonymize/cell-key/key-space.ts';
export { type CountCells, countsBehindMark, type PerturbedCounts, perturbCounts } from './anonymize/cell-key/perturb-counts.ts';
export { type PerturbedSums, perturbSums } from './anonymize/cell-key/perturb-sums.ts';
export type { Ptable, Ptables } from './anonymize/cell-key/ptable.ts';
export { readPtables, writePtables } from './anonymize/cell-key/ptable-file.ts';
export { CellKeyParameters } from './anonymize/cell-key/ptable-parameters.ts';
export { type CellKeyTables, ptablesOf } from './anonymize/cell-key/ptables-of.ts';
export { recordKeySecret, recordKeys } from './anonymize/cell-key/record-key.ts';
export { magnifiersOf, type SumCells } from './anonymize/cell-key/sum-noise.ts';
export { DisclosurePolicy } from './anonymize/disclosure-policy.ts';
export { additivityOf, informationLoss } from './anonymize/information-loss.ts';
export type { ReleaseRecord, ReleaseStatus } from './anonymize/release.ts';
export { type ControlledTable, roundControlled } from './anonymize/rounding/round-controlled.ts';
export { roundByKey, roundNearest } from './anonymize/rounding/round-counts.ts';
export { type RoundedTable, roundSmallCounts } from './anonymize/rounding/round-small-counts.ts';
export { Rounding } from './anonymize/rounding/rounding-parameters.ts';
export { type TableModel, tableModel, totalsOf } from './anonymize/rounding/table-model.ts';
export { type Approval, signDecision } from './anonymize/signature.ts';
export {
  AppError,
  DefinitionError,
  DeliveryError,
  DisclosureError,
  EngineError,
  formatPosition,
  type Position,
  type Problem,
} from './engine/errors.ts';
export { generateSigningKeys, readPrivateKey, type SigningKeys } from './engine/keys.ts';
export { periodsOf } from './engine/period.ts';
export type { Session, SessionOptions } from './engine/session.ts';
export { type Current, type Manifest, type Part, type Ref, Store, type StoreOptions } from './engine/store.ts';
export type { VerifyReport } from './engine/verify.ts';
export { packageVersion } from './engine/version.ts';
export { findWorkspace, type LoadedWorkspace, loadWorkspace, Workspace } from './engine/workspace.ts';
export { checkWorkspace, schemasOf, type WorkspaceReport } from './pipelines/check-workspace.ts';
export { pipelineNames } from './pipelines/checked-pipeline.ts';
export type { Clock, Context, Progress } from './pipelines/context.ts';
export { Pipeline } from './pipelines/definition.ts';
export { type DeliveryReport, type DeliveryRequest, findDeliveries, type SourceReport } from './pipelines/deliveries.ts';
export { ingestSource } from './pipelines/ingest.ts';
export { type LineageNode, lineageOf } from './pipelines/lineage.ts';
export { type OpenOptions, openContext } from './pipelines/open-context.ts';
export { type Plan, planPipeline } from './pipelines/plan.ts';
export { decideRelease, draftRelease, publishRelease } from './pipelines/release.ts';
export { listReleases, readDossier, verifyReleased } from './pipelines/release-dossier.ts';
export { type RunRequest, runPipeline } from './pipelines/run.ts';
export type { RunReport } from './pipelines/run-report.ts';
export { viewDataset, viewIndex } from './pipelines/view.ts';
export { Contract, loadContract } from './sources/contract.ts';
export { type GenerateOptions, generate } from './sources/generate.ts';
