/** A fenced block of a page: ```language title=path; `isAdjacent`: nothing stands between it and the block before. */
export interface Block {
  readonly language: string;
  readonly title: string | undefined;
  readonly text: string;
  readonly isAdjacent: boolean;
}

/** The fenced blocks of a Markdown text, in order. */
export function lexer(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; title: string | undefined; lines: string[] } | undefined;
  let isAdjacent = false;
  for (const line of markdown.split('\n')) {
    const fence = /^```(\w*)(?: title=(\S+))?$/.exec(line);
    if (open !== undefined) {
      if (line !== '```') open.lines.push(line);
      else {
        blocks.push({ language: open.language, title: open.title, text: `${open.lines.join('\n')}\n`, isAdjacent });
        open = undefined;
        isAdjacent = true;
      }
    } else if (fence !== null) open = { language: fence[1] ?? '', title: fence[2], lines: [] };
    else if (line.trim() !== '') isAdjacent = false;
  }
  return blocks;
}

/** Targets of links and pictures, outside code. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/```[\s\S]*?\n```/g, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** The anchors of a page as code hosts make them from headings. */
export function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
