import type { Text } from '../../engine/definitions.ts';

/** A variable of a delivery, as its contract says. */
export interface DeliveredVariable {
  readonly name: string;
  readonly label: Text;
  readonly type: string;
  readonly role: string;
  readonly required: boolean;
  readonly unit?: string;
  readonly codelist?: readonly string[];
}

/** The variables of each contract of the workspace, by the name of its folder. */
export type Delivered = ReadonlyMap<string, readonly DeliveredVariable[]>;
