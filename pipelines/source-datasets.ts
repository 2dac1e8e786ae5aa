import { hashJson, type JsonObject } from '../engine/canonical-json.ts';
import { DeliveryError } from '../engine/errors.ts';
import type { Part } from '../engine/manifest.ts';
import type { Store } from '../engine/store.ts';
import type { Transaction } from '../engine/transaction.ts';
import type { Contract } from '../sources/contract.ts';

export type SourceRef = `${string}@${'received' | 'admitted' | 'vault'}`;

interface DatasetState {
  parts: Part[];
  deliveries: Record<string, JsonObject>;
}

/** The datasets that the ingest of one source changes, as they will be at its commit: received, admitted, rejects, raw rejects. */
export class SourceDatasets {
  readonly refs: readonly SourceRef[];
  readonly #contract: Contract;
  readonly #states: ReadonlyMap<SourceRef, DatasetState>;

  private constructor(contract: Contract, states: ReadonlyMap<SourceRef, DatasetState>) {
    this.refs = [...states.keys()];
    this.#contract = contract;
    this.#states = states;
  }

  static async read(store: Store, contract: Contract): Promise<SourceDatasets> {
    const { source } = contract;
    const states = new Map<SourceRef, DatasetState>();
    for (const ref of [`${source}@received`, `${source}@admitted`, `${source}_rejects@admitted`, `${source}_rejects@vault`] as const) {
      const manifest = await store.manifest(ref);
      const deliveries = manifest?.facts['deliveries'] as Record<string, JsonObject> | undefined;
      states.set(ref, { parts: [...(manifest?.parts ?? [])], deliveries: { ...deliveries } });
    }
    return new SourceDatasets(contract, states);
  }

  /** What is known of a delivery that was admitted. */
  delivery(name: string): JsonObject | undefined {
    return this.#state(`${this.#contract.source}@admitted`).deliveries[name];
  }

  addReceived(part: Part): void {
    const state = this.#state(`${this.#contract.source}@received`);
    state.parts = [...state.parts.filter((other) => other.path !== part.path), part];
  }

  /** The same records under two names of deliveries would be counted twice. */
  refuseRepeated(delivery: string, parts: readonly Part[]): void {
    if (this.#contract.delivery.kind === 'snapshot') return;
    const { source } = this.#contract;
    const state = this.#state(`${source}@admitted`);
    const own = state.deliveries[delivery]?.['key'];
    const twin = state.parts.find((part) => part.key !== own && parts.some((added) => added.path === part.path));
    if (twin === undefined) return;
    const other = Object.keys(state.deliveries).find((name) => state.deliveries[name]?.['key'] === twin.key) ?? 'another delivery';
    const message = `${source}/${delivery} brings the same records as ${other}${twin.partition === null ? '' : ` for ${twin.partition}`}; they would be counted twice`;
    throw new DeliveryError('delivery-repeated', message, { rule: 'repeated', facts: { other } });
  }

  /** An older snapshot than the one that is admitted: it is kept as received and changes nothing else. */
  isOutdated(delivery: string): boolean {
    if (this.#contract.delivery.kind !== 'snapshot') return false;
    return Object.keys(this.#state(`${this.#contract.source}@admitted`).deliveries).some((other) => other > delivery);
  }

  /** Puts the parts of a delivery in the place of those that the delivery had before; a snapshot replaces the whole dataset. */
  replace(ref: SourceRef, delivery: string, parts: readonly Part[], facts: JsonObject): void {
    const state = this.#state(ref);
    const isSnapshot = this.#contract.delivery.kind === 'snapshot';
    if (this.isOutdated(delivery)) return;
    const gone = isSnapshot ? Object.values(state.deliveries).map((entry) => entry['key']) : [state.deliveries[delivery]?.['key']];
    state.parts = [...state.parts.filter((part) => !gone.includes(part.key)), ...parts];
    state.deliveries = isSnapshot ? { [delivery]: facts } : { ...state.deliveries, [delivery]: facts };
  }

  #state(ref: SourceRef): DatasetState {
    const state = this.#states.get(ref);
    if (state === undefined) throw new TypeError(`no state of ${ref}`);
    return state;
  }

  /** Sets every dataset that holds something in the transaction. */
  put(transaction: Transaction): void {
    for (const [ref, { parts, deliveries }] of this.#states) {
      if (parts.length === 0 && Object.keys(deliveries).length === 0) continue;
      const sorted = parts.toSorted((left, right) => (left.path < right.path ? -1 : 1));
      const key = hashJson({ ref, parts: sorted.map((part) => [part.path, part.key]), deliveries });
      transaction.put(ref, { key, parts: sorted, facts: { deliveries } });
    }
  }
}
