// What an institute scripts with: open a workspace, take deliveries in, run pipelines, release through the gate, read what is there.
export { DisclosurePolicy } from './anonymize/disclosure-policy.ts';
export type { ReleaseRecord, ReleaseStatus } from './anonymize/release.ts';
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
export { type RunReport, type RunRequest, runPipeline } from './pipelines/run.ts';
export { viewDataset, viewIndex } from './pipelines/view.ts';
export { Contract, loadContract } from './sources/contract.ts';
export { type GenerateOptions, generate } from './sources/generate.ts';
