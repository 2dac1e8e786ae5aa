import { createRequire } from 'node:module';

interface ParquetReader {
  getCursor(): { next(): Promise<Record<string, unknown> | null> };
  close(): Promise<void>;
}

/** A reader of Parquet in plain JavaScript, without types of its own. */
export const { ParquetReader } = createRequire(import.meta.url)('parquetjs-lite') as {
  ParquetReader: { openFile(path: string): Promise<ParquetReader> };
};
