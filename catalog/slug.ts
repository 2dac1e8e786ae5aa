/** Names of files out of English texts, each given once: `price collection` twice is `price-collection` and `price-collection-2`. */
export function slugs(): (text: string) => string {
  const given = new Set<string>();
  return (text) => {
    const base =
      text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
        .slice(0, 60) || 'x';
    let slug = base;
    for (let next = 2; given.has(slug); next += 1) slug = `${base}-${next}`;
    given.add(slug);
    return slug;
  };
}
