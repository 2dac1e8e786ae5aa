import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The family's name in style sheets, with the system stack behind it. Its digits all have one width. */
export const FONT_STACK = "'Heebo', system-ui, 'Segoe UI', Arial, 'Noto Sans Hebrew', sans-serif";

/** What each file holds; the digits and the punctuation of both languages come from the Latin one. */
const RANGES = {
  hebrew: 'U+0590-05FF,U+20AA,U+25CC,U+FB1D-FB4F',
  latin: 'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215',
} as const;

const require = createRequire(import.meta.url);

/** `@font-face` rules of Heebo (OFL 1.1), regular and semibold, Hebrew and Latin, as data inside the style sheet. */
export function fontFaces(): string {
  const files = [
    ['hebrew', 400, require.resolve('@fontsource/heebo/files/heebo-hebrew-400-normal.woff2')],
    ['hebrew', 600, require.resolve('@fontsource/heebo/files/heebo-hebrew-600-normal.woff2')],
    ['latin', 400, require.resolve('@fontsource/heebo/files/heebo-latin-400-normal.woff2')],
    ['latin', 600, require.resolve('@fontsource/heebo/files/heebo-latin-600-normal.woff2')],
  ] as const;
  return files
    .map(([subset, weight, path]) => {
      const range = `unicode-range:${RANGES[subset]};`;
      const data = readFileSync(path).toString('base64');
      return `@font-face{font-family:Heebo;font-weight:${weight};font-style:normal;${range}src:url(data:font/woff2;base64,${data}) format("woff2")}`;
    })
    .join('\n');
}
